import type { Cue, CueMaker } from "../../../src/services/captions/cues.ts";
import type { Segment, TimedWord } from "../../../src/services/captions/source.ts";
import { VttMaker } from "../../../src/services/captions/vtt.ts";

/** A segment of a made-up stream, and what is committed for it. */
export interface Scene {
  readonly seconds: number;
  readonly discontinuity: boolean;
  readonly words: readonly TimedWord[];
}

/** What a track published for a segment. */
export interface Published {
  readonly segment: Segment;
  readonly cues: readonly Cue[];
  readonly vtt: string;
}

const firstPts = 126_000;
/** The stage time of a timestamp in a story's streams. */
export const timeOfPts = (pts: number): number => (pts - firstPts) / 90_000;

/** Plays scenes through a track, as the captions service does. Times of words count from their segment's start. */
export function playScenes(maker: CueMaker, scenes: readonly Scene[]): Published[] {
  const vtt = new VttMaker();
  let start = 0;
  return scenes.map(({ seconds, discontinuity, words }, at) => {
    const end = start + seconds;
    const segment = { file: `stream-story-${at}.ts`, start, end, madeAtMs: undefined, discontinuity };
    const timed = words.map((word) => ({ ...word, start: word.start + segment.start, end: word.end + segment.start }));
    const next = scenes[at + 1];
    const cues = maker.cuesOf({ segment, words: timed }, next !== undefined && !next.discontinuity);
    start = end;
    return { segment, cues, vtt: vtt.textOf(cues, segment, Math.round(segment.start * 90_000) + firstPts) };
  });
}

/** Every cue once, in the order in which they were published. */
export const cuesIn = (published: readonly Published[]): Cue[] => [
  ...new Map(published.flatMap(({ cues }) => cues).map((cue) => [cue.id, cue])).values(),
];

/** What can be seen of texts, without what stands between words. */
export const lettersIn = (texts: readonly string[]): string =>
  texts
    // Halves of a character in two words are none.
    .map((text) => text.replace(/\p{Cs}/gu, "\uFFFD"))
    .join("")
    .replace(/[\p{Cf}\p{Z}\p{Cc}\p{M}]/gu, "");
