import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";

// As long as the keeper keeps a segment that is no longer listed.
const keepMs = 60_000;
// More than any playlist lists, and a minute of the shortest segments.
const mostFiles = 2000;
const ownName = /^stream-[A-Za-z0-9_-]+-\d+\.vtt$/;

/** A track's folder of VTT files. Files of an earlier run count as well. */
export class VttFolder {
  readonly #folder: string;
  readonly #names = new Set<string>();
  readonly #unlistedSince = new Map<string, number>();

  /** Reads the folder; one that is not there yet is made at the first file. Removes drafts that a killed process left. */
  constructor(folder: string) {
    this.#folder = folder;
    for (const name of namesIn(folder))
      if (ownName.test(name)) this.#names.add(name);
      else if (name.endsWith(".vtt.new")) rmSync(join(folder, name), { force: true });
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Writes a file whole or not at all. Throws the file system's error, and then leaves no draft. */
  write(name: string, text: string): void {
    const file = join(this.#folder, name);
    const draft = `${file}.new`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
      writeFileSync(draft, text);
      renameSync(draft, file);
      this.#names.add(name);
    } catch (error) {
      rmSync(draft, { force: true, recursive: true });
      throw error;
    }
  }

  /** Removes files that have not been listed for a minute. Throws the file system's error. */
  sweep(listed: ReadonlySet<string>, nowMs: number): void {
    let over = this.#names.size - mostFiles;
    for (const name of this.#names) {
      if (listed.has(name)) {
        this.#unlistedSince.delete(name);
        continue;
      }
      const since = this.#unlistedSince.get(name) ?? nowMs;
      this.#unlistedSince.set(name, since);
      if (nowMs - since <= keepMs && over <= 0) continue;
      this.#remove(name);
      over -= 1;
    }
  }

  #remove(name: string): void {
    try {
      rmSync(join(this.#folder, name));
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
    this.#names.delete(name);
    this.#unlistedSince.delete(name);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
