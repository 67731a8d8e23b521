import type { Segment, StageSeconds } from "./source.ts";

const judgedSegments = 10;
// A recogniser moves a word's time a little between two results.
const nearSeconds = 0.1;

/** Judges whether words come later than the deadline too often. Pure but for its own state. */
export class TrailJudge {
  #segments: { readonly end: StageSeconds; isLate: boolean; hasWords: boolean; readonly isJudged: boolean }[] = [];
  #excusedUntil: StageSeconds = 0;
  lateWords = 0;

  /**
   * A segment was committed with words that begin at these times; some may be of earlier segments. `isJudged`: whether its source had
   * the time that the trail is to give.
   */
  committed(
    { start, end }: Segment,
    words: readonly { readonly start: StageSeconds; readonly end: StageSeconds }[],
    isJudged = true,
  ): void {
    const middles = words.map((word) => (word.start + word.end) / 2);
    for (const middle of middles) {
      if (middle >= start - nearSeconds) continue;
      this.lateWords += 1;
      const earlier = this.#segments.find((one) => middle < one.end);
      if (earlier) Object.assign(earlier, { isLate: true, hasWords: true });
    }
    const hasWords = middles.some((middle) => middle >= start - nearSeconds);
    this.#segments.push({ end, isLate: false, hasWords, isJudged });
    if (this.#segments.length > 4 * judgedSegments) this.#segments.shift();
  }

  /** The source is away, or is back and hears what has waited for it. No trail helps against that: segments up to this time are not judged. */
  excuse(until: StageSeconds): void {
    this.#excusedUntil = Math.max(this.#excusedUntil, until);
  }

  /** Whether of the last ten segments with words more than one had words after its deadline. Then it begins to count again. */
  isTooShort(): boolean {
    const spoken = this.#segments.filter(
      ({ end, hasWords, isJudged }) => hasWords && isJudged && end > this.#excusedUntil,
    );
    const judged = spoken.slice(-judgedSegments);
    if (judged.filter(({ isLate }) => isLate).length <= 1) return false;
    this.#segments = [];
    return true;
  }
}
