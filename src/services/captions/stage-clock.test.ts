import { expect, it } from "vitest";
import type { Segment } from "./source.ts";
import { StageClock } from "./stage-clock.ts";

const startMs = Date.UTC(2026, 10, 30, 9);
const segment = (number: number, datedMs: number | undefined, discontinuity = false): Segment => ({
  ...{ file: `stream-a-${number}.ts`, start: number, end: number + 1, madeAtMs: datedMs, discontinuity },
});

it("believes dates that can be", () => {
  const clock = new StageClock();
  for (let number = 0; number < 10; number++)
    clock.hear(segment(number, startMs + number * 1000), startMs + number * 1000 + 1900);
  expect(clock.stageAt(startMs + 7500)).toBeCloseTo(7.5, 2);
  expect(clock.wallAt(3)).toBe(startMs + 3000);
});

// As measured: the muxer starts 2.7 s after the first frame has come, and the first segments are listed in a hurry.
it("learns from the time at which segments are listed how much too late ffmpeg's dates are, for all of a connection", () => {
  const clock = new StageClock();
  const lateMs = 2724;
  const waysMs = [2067, 1197, 480, 475, 397, 547, 477, 406, 568, 473, 394, 594, 318, 445, 335];
  for (const [number, wayMs] of waysMs.entries())
    clock.hear(segment(number, startMs + lateMs + number * 1000), startMs + (number + 1) * 1000 + wayMs);
  for (const second of [0.5, 7.5, 14.5])
    expect(Math.abs((clock.stageAt(startMs + second * 1000) ?? 0) - second)).toBeLessThan(0.1);
  // The next connection has dates of its own.
  const nextMs = startMs + 60_000;
  clock.hear(segment(15, nextMs, true), nextMs + 1500);
  expect(clock.stageAt(nextMs + 500)).toBeCloseTo(15.5, 2);
  expect(clock.stageAt(nextMs - 20_000)).toBe(15);
});

it("concludes dates that are missing", () => {
  const clock = new StageClock();
  for (let number = 0; number < 3; number++) clock.hear(segment(number, undefined), startMs + (number + 1) * 1000);
  expect(clock.stageAt(startMs + 2500)).toBeCloseTo(2.5, 2);
});
