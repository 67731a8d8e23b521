import { expect, it } from "vitest";
import { TrailJudge } from "./trail-judge.ts";

const segment = (number: number) => ({
  file: `stream-a-${number}.ts`,
  start: 2 * number,
  end: 2 * number + 2,
  madeAtMs: undefined,
  discontinuity: false,
});
const word = (at: number) => ({ start: at, end: at + 0.4 });

it("asks for more time when words of two of the last ten segments were late", () => {
  const judge = new TrailJudge();
  judge.committed(segment(0), [word(0.5)]);
  judge.committed(segment(1), [word(1.5), word(2.5)]);
  expect(judge.isTooShort()).toBe(false);
  judge.committed(segment(2), [word(3.2), word(4.5)]);
  expect(judge.lateWords).toBe(2);
  expect(judge.isTooShort()).toBe(true);
  // It begins to count again.
  expect(judge.isTooShort()).toBe(false);
});

it("asks for nothing when each word comes in time, and when one segment of many is late", () => {
  const judge = new TrailJudge();
  for (let number = 0; number < 100; number++) {
    const late = number % 20 === 19 ? [word(2 * number - 1)] : [];
    judge.committed(segment(number), [...late, word(2 * number + 1)]);
    expect(judge.isTooShort()).toBe(false);
  }
});

it("does not count silent segments", () => {
  const judge = new TrailJudge();
  judge.committed(segment(0), [word(0.5)]);
  judge.committed(segment(1), [word(1.2), word(2.5)]);
  for (let number = 2; number < 20; number++) judge.committed(segment(number), []);
  judge.committed(segment(20), [word(40.5)]);
  judge.committed(segment(21), [word(41.2)]);
  expect(judge.isTooShort()).toBe(true);
});
