import type { TimedWord } from "../../../src/services/captions/source.ts";
import type { Scene } from "./cue-story.ts";

/** Speech as people speak it: longer words take longer, and clauses and sentences end with pauses. `random` gives numbers from 0 to 1. */
export function speak(text: string, wordsPerMinute: number, random: () => number): TimedWord[] {
  const words = text.split(/\s+/).filter(Boolean);
  const plain = words.map((word) => {
    const letters = word.replace(/\P{L}/gu, "").length;
    const pause = /[.?!]$/.test(word) ? 8 + 8 * random() : /[,;:]$/.test(word) ? 3 * random() : 0;
    return { said: 2 + letters * (0.8 + 0.4 * random()), pause };
  });
  const perUnit = (words.length * 60) / wordsPerMinute / plain.reduce((sum, { said, pause }) => sum + said + pause, 0);
  let time = 0;
  return words.map((word, at) => {
    const start = time;
    const end = start + plain[at]!.said * perUnit;
    time = end + plain[at]!.pause * perUnit;
    return { text: word, start, end };
  });
}

/** The words in segments of so many seconds, committed with the segment in which they begin, and some silence after them. */
export function scenesOf(words: readonly TimedWord[], seconds: number): Scene[] {
  const last = words.at(-1)?.end ?? 0;
  return Array.from({ length: Math.ceil(last / seconds) + Math.ceil(10 / seconds) }, (_, at) => ({
    seconds,
    discontinuity: false,
    words: words
      .filter(({ start }) => Math.floor(start / seconds) === at)
      .map(({ text, start, end }) => ({ text, start: start - at * seconds, end: end - at * seconds })),
  }));
}
