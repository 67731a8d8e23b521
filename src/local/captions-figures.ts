import type { SpokenSentence } from "../publish/spoken-times.ts";
import type { WatchedCaptions } from "./captions-watch.ts";
import { spokenWords } from "./spoken-words.ts";
import { matchWords, type WordAt, wordsOf } from "./word-match.ts";

/** How well captions follow what is said. Shares are from 0 to 1. */
export interface CaptionsFigures {
  /** Words that were spoken while a viewer watched. */
  readonly spokenWords: number;
  /** Wrong, missing and surplus words for each spoken word. */
  readonly wordErrorRate: number;
  /** Of the spoken words: those that are right, and on the screen within the segment in which they are spoken. */
  readonly inOwnSegmentShare: number;
}

/** Compares what a viewer got with what the camera said. The last segment is left out: its words may still be to come. */
export function captionsFigures(
  { segments, cues }: WatchedCaptions,
  sentences: readonly SpokenSentence[],
): CaptionsFigures {
  const whole = segments.slice(0, -1);
  const [first, last] = [whole[0], whole.at(-1)];
  if (!first || !last) return { spokenWords: 0, wordErrorRate: 1, inOwnSegmentShare: 0 };
  const spoken = spokenWords(sentences).filter(({ atMs }) => first.fromMs <= atMs && atMs < last.untilMs);
  const heard = cues.flatMap((cue) => wordsOf(cue.text).map((text) => ({ text, cue })));
  const { right, errorRate } = matchWords(spoken, heard);
  const segmentOf = ({ atMs }: WordAt) => whole.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  const own = right.filter(({ spoken: word, heard: { cue } }) => {
    const segment = segmentOf(word);
    return segment !== undefined && cue.fromMs < segment.untilMs && cue.untilMs > segment.fromMs;
  });
  return {
    spokenWords: spoken.length,
    wordErrorRate: errorRate,
    inOwnSegmentShare: spoken.length === 0 ? 0 : own.length / spoken.length,
  };
}
