import { existsSync, mkdirSync, readdirSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { wholeSegment } from "./model-folder.ts";
import type { Change } from "./recording.ts";

/** A folder that replays a recording of Owncast's folder. */
export class PlayedFolder {
  /** Its present playlists, by name. */
  readonly playlists = new Map<string, string>();
  readonly #dir: string;
  #session = 0;

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir);
  }

  /** Jumps to the state after all these changes. The sessions get names that no earlier session had. */
  become(changes: readonly Change[], nowMs: number): void {
    this.#session += 1;
    const then = new Map(changes.map(({ name, text }) => [name, text]));
    for (const name of this.#names()) if (!then.has(name)) this.#put(name, undefined, nowMs);
    for (const [name, text] of then) this.#put(name, text, nowMs);
  }

  /** Plays one more change. */
  change({ name, text }: Change, nowMs: number): void {
    this.#put(name, text, nowMs);
  }

  /** Removes all files. */
  wipe(): void {
    for (const name of this.#names()) this.#put(name, undefined, 0);
  }

  /** Writes a text unchanged, whole or torn. */
  write(name: string, text: string, nowMs: number): void {
    const file = join(this.#dir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    // The files' times are as far apart as in the recording, however fast the test plays it.
    utimesSync(file, nowMs / 1000, nowMs / 1000);
    this.playlists.set(name, text);
  }

  has(name: string): boolean {
    return existsSync(join(this.#dir, name));
  }

  #names(): string[] {
    const variants = readdirSync(this.#dir).filter((name) => /^\d+$/.test(name));
    return [...this.playlists.keys(), ...variants.map((name) => `${name}/`)];
  }

  #put(name: string, text: string | undefined, nowMs: number): void {
    const own = text?.replaceAll(/\bstream-(?!offline-)(.+)-(\d+\.ts)$/gm, `stream-$1_${this.#session}-$2`);
    if (name.endsWith("/")) this.#putSegments(name, (own ?? "").split("\n").filter(Boolean));
    else if (own !== undefined) this.write(name, own, nowMs);
    else {
      this.playlists.delete(name);
      rmSync(join(this.#dir, name), { force: true });
    }
  }

  #putSegments(variant: string, names: readonly string[]): void {
    const dir = join(this.#dir, variant);
    mkdirSync(dir, { recursive: true });
    const others = new Set(readdirSync(dir).filter((name) => name.endsWith(".ts")));
    for (const name of names) if (!others.delete(name)) writeFileSync(join(dir, name), wholeSegment(name));
    for (const name of others) unlinkSync(join(dir, name));
  }
}
