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
import type { Faults } from "./keeper-faults.ts";
import type { KeptSegment, VariantState } from "./variant-state.ts";

// How long what is listed no more can still be fetched: longer than any player's list (RFC 8216, 6.2.2).
const keepMs = 60_000;
// A segment is video in packets of so many bytes. Owncast may list one while it still writes the last of them.
const packetBytes = 188;
// Looks that an unfinished file is waited for: 2 s. If it stays so, its encoder has left it behind. An empty one is no video.
const mostWaits = 20;

/**
 * The segments that answers list, in a folder that Owncast does not know of: it wipes its own when a publisher comes back.
 * Hard links, which take no room while Owncast has the file too; copies where the folder lies on another file system.
 */
export class KeptSegments {
  readonly #hlsDir: string;
  readonly #keptDir: string;
  readonly #faults: Faults;
  readonly #held = new Set<string>();
  /** How often a file was found unfinished. */
  readonly #waits = new Map<string, number>();
  /** Listed though they could not be held, on a full disk: players get them from Owncast's folder while it has them. */
  readonly #unheld = new Set<string>();
  readonly #unlistedSince = new Map<string, number>();

  constructor(hlsDir: string, keptDir: string, faults: Faults) {
    this.#hlsDir = hlsDir;
    this.#keptDir = keptDir;
    this.#faults = faults;
    for (const name of filesIn(keptDir)) this.#held.add(name);
  }

  /** Holds what a variant lists, as far as the disk allows. False if a file that is not held yet is gone, or still written. */
  hold({ segments }: VariantState): boolean {
    return segments.filter(isVideo).every((segment) => this.#holds(segment));
  }

  /** Lets go of what no variant has listed for a while. */
  sweep(variants: readonly VariantState[], nowMs: number): void {
    const listed = new Set(variants.flatMap(({ segments }) => segments.map(nameOf)));
    this.#waits.clear();
    for (const name of this.#unheld) if (!listed.has(name)) this.#unheld.delete(name);
    for (const name of this.#held) {
      if (listed.has(name)) {
        this.#unlistedSince.delete(name);
        continue;
      }
      const since = this.#unlistedSince.get(name) ?? nowMs;
      this.#unlistedSince.set(name, since);
      if (nowMs - since <= keepMs || !this.#remove(name)) continue;
      this.#held.delete(name);
      this.#unlistedSince.delete(name);
    }
  }

  /** Bytes that are held. */
  bytes(): number {
    return [...this.#held].reduce((sum, name) => sum + sizeOf(join(this.#keptDir, name)), 0);
  }

  #isFinished(name: string): boolean {
    const bytes = sizeOf(join(this.#hlsDir, name));
    if (bytes > 0 && bytes % packetBytes === 0) return true;
    const waits = this.#waits.get(name) ?? 0;
    this.#waits.set(name, waits + 1);
    return bytes > 0 && waits >= mostWaits;
  }

  #holds(segment: KeptSegment): boolean {
    const name = nameOf(segment);
    if (this.#held.has(name)) return true;
    try {
      if (!this.#isFinished(name) || !this.#link(segment.input, name)) return this.#unheld.has(name);
      this.#waits.delete(name);
      this.#held.add(name);
      this.#unheld.delete(name);
      this.#faults.worked("segments");
    } catch (error) {
      if (!existsSync(join(this.#hlsDir, name))) return this.#unheld.has(name);
      this.#faults.failed("segments", error);
      this.#unheld.add(name);
    }
    return true;
  }

  /** False if the file is gone already. Throws what the file system says. */
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

/** Whole or not at all: a part of a segment under its name would be taken for the segment. */
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

// The clip that says that nobody publishes is Owncast's to show.
const isVideo = ({ uri }: KeptSegment): boolean => uri.startsWith("stream-") && !uri.startsWith("stream-offline-");

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
