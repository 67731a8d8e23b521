import { describe, expect, it } from "vitest";
import { type SpokenSentence, SpokenTimes } from "./spoken-times.ts";

const fps = 10;
const zeroMs = 1_000_000;

function timesOf(frames: readonly number[]): SpokenSentence[] {
  const spoken: SpokenSentence[] = [];
  const times = new SpokenTimes(fps, (sentence) => spoken.push(sentence));
  times.place({ text: "One.", startSeconds: 0, endSeconds: 1 });
  times.place({ text: "Two.", startSeconds: 1.7, endSeconds: 2.5 });
  for (const timeMs of frames) times.frame(timeMs);
  return spoken;
}

const frames = (count: number, fromMs = zeroMs): number[] =>
  Array.from({ length: count }, (_, at) => fromMs + at * 100);

describe("the times of spoken sentences", () => {
  it("are those that the clock in the frames shows", () =>
    expect(timesOf(frames(30))).toEqual([
      { text: "One.", startMs: zeroMs, endMs: zeroMs + 1000 },
      { text: "Two.", startMs: zeroMs + 1700, endMs: zeroMs + 2500 },
    ]));

  it("are reported once the sentence has ended", () =>
    expect(timesOf(frames(25)).map(({ text }) => text)).toEqual(["One."]));

  it("follow the clock over skipped frames", () => {
    const skippedMs = 3000;
    const later = frames(20, zeroMs + 1500 + skippedMs);
    expect(timesOf([...frames(15), ...later])).toEqual([
      { text: "One.", startMs: zeroMs, endMs: zeroMs + 1000 },
      { text: "Two.", startMs: zeroMs + skippedMs + 1700, endMs: zeroMs + skippedMs + 2500 },
    ]);
  });

  it("ignore a rounded millisecond", () => {
    const [one] = timesOf(frames(30).map((timeMs, at) => timeMs + (at % 3)));
    expect(one).toEqual({ text: "One.", startMs: zeroMs, endMs: zeroMs + 1000 });
  });
});
