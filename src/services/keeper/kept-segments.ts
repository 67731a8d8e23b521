import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import { readSegmentName } from "../../media/segment-name.ts";
import type { Faults } from "./keeper-faults.ts";
import type { KeptSegment, VariantState } from "./variant.ts";

// Time for which players can fetch a segment that is no longer listed: longer than any player's list (RFC 8216, 6.2.2).
const keepMs = 60_000;
// A segment is a row of packets of this size. Owncast may list a segment before it has written the last packet.
const packetBytes = 188;
// Looks that an unfinished file is waited for: 2 s. If it is unfinished then, its encoder has ended. An empty file is never kept.
const mostWaits = 20;

/**
 * The listed segments, in a folder of their own: Owncast wipes its folder when a publisher comes back. They are hard links,
 * which take no room while Owncast has the file too, or copies if the folder is on another file system.
 */
export class KeptSegments {
  readonly #hlsDir: string;
  readonly #keptDir: string;
  readonly #faults: Faults;
  readonly #kept = new Set<string>();
  /** How often a file was found unfinished. */
  readonly #waits = new Map<string, number>();
  /** Listed, but not kept because of a full disk: players get them from Owncast's folder while they are there. */
  readonly #unkept = new Set<string>();
  readonly #unlistedSince = new Map<string, number>();

  constructor(hlsDir: string, keptDir: string, faults: Faults) {
    this.#hlsDir = hlsDir;
    this.#keptDir = keptDir;
    this.#faults = faults;
    for (const name of filesIn(keptDir)) this.#kept.add(name);
  }

  /** Keeps a variant's listed segments, as far as the disk allows. False if a file that is not kept yet is gone or incomplete. */
  keep({ segments }: VariantState): boolean {
    return segments.filter(isVideo).every((segment) => this.#keeps(segment));
  }

  /** Removes segments that no variant has listed for a minute. */
  sweep(variants: readonly VariantState[], nowMs: number): void {
    const listed = new Set(variants.flatMap(({ segments }) => segments.map(nameOf)));
    this.#waits.clear();
    for (const name of this.#unkept) if (!listed.has(name)) this.#unkept.delete(name);
    for (const name of this.#kept) {
      if (listed.has(name)) {
        this.#unlistedSince.delete(name);
        continue;
      }
      const since = this.#unlistedSince.get(name) ?? nowMs;
      this.#unlistedSince.set(name, since);
      if (nowMs - since <= keepMs || !this.#remove(name)) continue;
      this.#kept.delete(name);
      this.#unlistedSince.delete(name);
    }
  }

  /** Size of all kept segments. */
  bytes(): number {
    return [...this.#kept].reduce((sum, name) => sum + sizeOf(join(this.#keptDir, name)), 0);
  }

  #isFinished(name: string): boolean {
    const bytes = sizeOf(join(this.#hlsDir, name));
    if (bytes > 0 && bytes % packetBytes === 0) return true;
    const waits = this.#waits.get(name) ?? 0;
    this.#waits.set(name, waits + 1);
    return bytes > 0 && waits >= mostWaits;
  }

  #keeps(segment: KeptSegment): boolean {
    const name = nameOf(segment);
    if (this.#kept.has(name)) return true;
    try {
      if (!this.#isFinished(name) || !this.#link(segment.input, name)) return this.#unkept.has(name);
      this.#waits.delete(name);
      this.#kept.add(name);
      this.#unkept.delete(name);
      this.#faults.worked("segments");
    } catch (error) {
      if (!existsSync(join(this.#hlsDir, name))) return this.#unkept.has(name);
      this.#faults.failed("segments", error);
      this.#unkept.add(name);
    }
    return true;
  }

  /** False if the file is gone already. Throws the file system's errors. */
  #link(input: number, name: string): boolean {
    const [from, to] = [join(this.#hlsDir, name), join(this.#keptDir, name)];
    mkdirSync(join(this.#keptDir, `${input}`), { recursive: true, mode: 0o750 });
    try {
      linkSync(from, to);
      return true;
    } catch (error) {
      const code = codeOf(error);
      if (code === "EEXIST") return true;
      if (code === "ENOENT") return false;
      if (code !== "EXDEV" && code !== "EPERM") throw error;
      copyWhole(from, to);
      return true;
    }
  }

  #remove(name: string): boolean {
    try {
      unlinkSync(join(this.#keptDir, name));
      this.#faults.worked("sweep");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return true;
      this.#faults.failed("sweep", error);
      return false;
    }
    return true;
  }
}

/** Copies whole or not at all: a part under the segment's name would count as the segment. */
function copyWhole(from: string, to: string): void {
  const draft = `${to}.new`;
  try {
    copyFileSync(from, draft);
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

const nameOf = ({ input, uri }: KeptSegment): string => `${input}/${uri}`;

// The offline clip stays in Owncast's folder.
const isVideo = ({ uri }: KeptSegment): boolean => readSegmentName(uri) !== undefined;

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^\d+$/.test(entry.name))
      .flatMap(({ name }) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`));
  } catch {
    return [];
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
