import { copyFileSync, linkSync, mkdirSync, readdirSync, renameSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
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
  readonly #held = new Set<string>();
  /** How often a file was found unfinished. */
  readonly #waits = new Map<string, number>();
  readonly #unlistedSince = new Map<string, number>();

  constructor(hlsDir: string, keptDir: string) {
    this.#hlsDir = hlsDir;
    this.#keptDir = keptDir;
    for (const name of filesIn(keptDir)) this.#held.add(name);
  }

  /** Holds what a variant lists. False if a file that is not held yet is gone, or still written. */
  hold({ segments }: VariantState): boolean {
    return segments.filter(isVideo).every((segment) => {
      const name = nameOf(segment);
      if (this.#held.has(name)) return true;
      if (!this.#isFinished(name) || !this.#link(segment.input, name)) return false;
      this.#waits.delete(name);
      this.#held.add(name);
      return true;
    });
  }

  /** Lets go of what no variant has listed for a while. */
  sweep(variants: readonly VariantState[], nowMs: number): void {
    const listed = new Set(variants.flatMap(({ segments }) => segments.map(nameOf)));
    this.#waits.clear();
    for (const name of this.#held) {
      if (listed.has(name)) {
        this.#unlistedSince.delete(name);
        continue;
      }
      const since = this.#unlistedSince.get(name) ?? nowMs;
      this.#unlistedSince.set(name, since);
      if (nowMs - since <= keepMs) continue;
      try {
        unlinkSync(join(this.#keptDir, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
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

  #link(input: number, name: string): boolean {
    const [from, to] = [join(this.#hlsDir, name), join(this.#keptDir, name)];
    try {
      mkdirSync(join(this.#keptDir, `${input}`), { recursive: true, mode: 0o750 });
      linkSync(from, to);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return true;
      if (code === "ENOENT") return false;
      if (code !== "EXDEV" && code !== "EPERM") throw error;
      // Caddy takes what has a segment's name for a whole one.
      copyFileSync(from, `${to}.new`);
      renameSync(`${to}.new`, to);
      return true;
    }
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
