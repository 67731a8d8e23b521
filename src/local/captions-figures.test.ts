import { describe, expect, it } from "vitest";
import { captionsFigures } from "./captions-figures.ts";
import type { WatchedCue } from "./captions-watch.ts";

const segments = [0, 2000, 4000, 6000].map((fromMs) => ({ fromMs, untilMs: fromMs + 2000 }));
// Each word in the middle of a segment, and one in the last, which does not count.
const sentences = ["One.", "Two.", "Three.", "Four."].map((text, at) => ({
  text,
  startMs: at * 2000 + 900,
  endMs: at * 2000 + 1100,
}));
const cue = (text: string, fromMs: number, untilMs: number): WatchedCue => ({ text, fromMs, untilMs });

const figures = (...cues: WatchedCue[]) => captionsFigures({ segments, cues }, sentences);

describe("the figures of captions", () => {
  it.each([
    ["every word in its segment", [cue("One", 900, 1900), cue("two three", 2900, 6000)], 0, 1],
    [
      "a word that comes a segment late",
      [cue("one", 900, 1900), cue("two", 4000, 5000), cue("three", 5000, 6000)],
      0,
      2 / 3,
    ],
    ["a wrong word", [cue("one", 900, 1900), cue("too", 2900, 3900), cue("three", 4900, 5900)], 1 / 3, 2 / 3],
    ["no cue", [], 1, 0],
  ])("with %s", (_, cues, wordErrorRate, inOwnSegmentShare) =>
    expect(figures(...cues)).toEqual({ spokenWords: 3, wordErrorRate, inOwnSegmentShare }),
  );

  it("say so if nothing was watched", () =>
    expect(captionsFigures({ segments: [], cues: [] }, sentences)).toEqual({
      spokenWords: 0,
      wordErrorRate: 1,
      inOwnSegmentShare: 0,
    }));
});
