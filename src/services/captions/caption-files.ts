import type { Cue } from "./cues.ts";
import type { Segment } from "./source.ts";
import { VttMaker } from "./vtt.ts";
import type { VttFolder } from "./vtt-folder.ts";

// While the disk is full, so many files wait for room.
const mostUnwritten = 20;

/** A track's caption files, one for each segment. Players fetch a file once, so each is written once. */
export class CaptionFiles {
  readonly #folder: VttFolder;
  #unwritten: { readonly file: string; readonly text: string }[] = [];
  #vtt = new VttMaker();
  #late = 0;

  constructor(folder: VttFolder) {
    this.#folder = folder;
  }

  /** How many were written after players could ask for them, or never. */
  get lateCount(): number {
    return this.#late;
  }

  /** Whether a segment has its file, such as by an earlier run. */
  has({ file }: Segment): boolean {
    return this.#folder.has(vttName(file));
  }

  /** Whether no file waits to be written. */
  get isWritten(): boolean {
    return this.#unwritten.length === 0;
  }

  /** The next segment's cues. `firstPts`: its first frame's timestamp, in 1/90000 s. */
  add(segment: Segment, cues: readonly Cue[], firstPts: number | undefined): void {
    // Without the timestamp nobody knows where the cues belong.
    const shown = firstPts === undefined ? [] : cues;
    const text = this.#vtt.textOf(shown, segment, firstPts ?? 0);
    if (this.has(segment)) return;
    this.#unwritten.push({ file: segment.file, text });
    if (this.#unwritten.length > mostUnwritten && this.#unwritten.shift()) this.#late += 1;
  }

  /** Writes what waits, until a write fails. Throws why. `isLate`: whether players have asked for a segment's captions already. */
  write(isLate: (segmentFile: string) => boolean): void {
    for (let next = this.#unwritten[0]; next; next = this.#unwritten[0]) {
      this.#folder.write(vttName(next.file), next.text);
      if (isLate(next.file)) this.#late += 1;
      this.#unwritten.shift();
    }
  }

  /** A new stream begins. */
  restart(): void {
    this.#vtt = new VttMaker();
  }

  /** Removes the files of segments that are no longer listed. Throws what the disk says. */
  sweep(listed: ReadonlySet<string>, nowMs: number): void {
    this.#folder.sweep(new Set([...listed].map(vttName)), nowMs);
  }
}

const vttName = (file: string): string => file.replace(/\.ts$/, ".vtt");
