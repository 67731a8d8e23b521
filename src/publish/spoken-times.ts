import type { PlacedSentence } from "./speech.ts";

/** A sentence that was spoken, with the times that the clock in the frames showed, in ms since the epoch. */
export interface SpokenSentence {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** From this frame on, the stream's second 0 was at this time. It moves when frames are skipped. */
interface Anchor {
  readonly fromSeconds: number;
  readonly zeroMs: number;
}

/** Finds out when sentences are on air: sound has stream time, and each frame has a stream time and a time of the clock. */
export class SpokenTimes {
  readonly #fps: number;
  readonly #onSpoken: (sentence: SpokenSentence) => void;
  #frames = 0;
  #anchors: Anchor[] = [];
  #placed: PlacedSentence[] = [];

  constructor(fps: number, onSpoken: (sentence: SpokenSentence) => void) {
    this.#fps = fps;
    this.#onSpoken = onSpoken;
  }

  /** A sentence has its place in the sound. In order. */
  place(sentence: PlacedSentence): void {
    this.#placed.push(sentence);
  }

  /** The next frame of the stream, with its clock. Reports the sentences that end before it. */
  frame(timeMs: number): void {
    const seconds = this.#frames / this.#fps;
    this.#frames += 1;
    const zeroMs = timeMs - seconds * 1000;
    const last = this.#anchors.at(-1);
    // Less than a frame is rounding.
    if (!last || Math.abs(zeroMs - last.zeroMs) > 1000 / this.#fps)
      this.#anchors.push({ fromSeconds: seconds, zeroMs });
    for (let first = this.#placed[0]; first && first.endSeconds <= seconds; first = this.#placed[0]) {
      this.#placed.shift();
      this.#onSpoken({
        text: first.text,
        startMs: this.#timeOf(first.startSeconds),
        endMs: this.#timeOf(first.endSeconds),
      });
      const from = first.endSeconds;
      this.#anchors = this.#anchors.filter((_, at) => (this.#anchors[at + 1]?.fromSeconds ?? Infinity) > from);
    }
  }

  #timeOf(seconds: number): number {
    const anchor = this.#anchors.findLast(({ fromSeconds }) => fromSeconds <= seconds) ?? this.#anchors[0];
    return Math.round((anchor?.zeroMs ?? 0) + seconds * 1000);
  }
}
