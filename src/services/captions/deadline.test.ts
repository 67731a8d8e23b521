import fc from "fast-check";
import { expect, it } from "vitest";
import { dueMs, isTooLate, type ListedSince, listedSince, type Timed } from "./deadline.ts";

/** Segments of these lengths, each listed so many seconds after the one before it. */
function stream(rows: readonly { readonly length: number; readonly after: number }[]): Timed[] {
  let [end, atMs] = [0, 0];
  return rows.map(({ length, after }, at) => {
    const start = end;
    end += length;
    atMs += 1000 * after;
    return {
      segment: { file: `${at}.ts`, start, end, madeAtMs: undefined, discontinuity: false },
      listedMs: atMs,
    };
  });
}
/** When a service that looks all the time commits the first one. */
function committedMs(all: readonly Timed[], trail: number): number {
  for (let nowMs = 0; ; nowMs += 10) {
    const listed: ListedSince = new Map(
      all.filter(({ listedMs }) => listedMs <= nowMs).map(({ segment, listedMs }) => [segment.file, listedMs]),
    );
    const [first, ...newer] = all.slice(0, listed.size);
    if (first && nowMs >= dueMs(first, newer, trail, listed)) return nowMs;
  }
}
const lengths = (...all: number[]) => stream(all.map((length) => ({ length, after: length })));

it.each([
  ["segments of one length", lengths(2, 2, 2, 2, 2), 2, 3400],
  ["segments of one length, with a trail of three", lengths(2, 2, 2, 2, 2), 3, 5400],
  ["a long one before short ones", lengths(6, 1, 1, 1), 2, 1700],
  ["a short one before long ones", lengths(1, 6, 6), 2, 1700],
  ["three that come at once after a stall", stream([2, 0.2, 0.2].map((after) => ({ length: 2, after }))), 2, 400],
])("commits shortly before players may ask: %s", (_, all, trail, expected) => {
  const first = all[0] as Timed;
  expect(committedMs(all, trail) - first.listedMs).toBe(expected);
});

it("never commits after players may ask, and in no segment of a steady stream without most of its time", () => {
  const seconds = fc.integer({ min: 5, max: 80 }).map((tenths) => tenths / 10);
  const row = fc.record({ length: seconds, after: fc.integer({ min: 0, max: 80 }).map((tenths) => tenths / 10) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 7, maxLength: 10 }), fc.integer({ min: 2, max: 6 }), (rows, trail) => {
      const all = stream(rows);
      const asked = all[trail] as Timed;
      expect(committedMs(all, trail)).toBeLessThanOrEqual(Math.max(0, asked.listedMs) + 10);
    }),
  );
  fc.assert(
    fc.property(seconds, fc.integer({ min: 2, max: 6 }), (length, trail) => {
      const all = lengths(...Array.from({ length: 9 }, () => length));
      const waited = committedMs(all, trail) - (all[0] as Timed).listedMs;
      expect(waited).toBeGreaterThanOrEqual((trail - 0.301) * length * 1000);
    }),
  );
});

it("says which captions come after players could ask, and keeps the times of what is listed", () => {
  let listed = listedSince(new Map(), ["0.ts", "1.ts"], 1000);
  listed = listedSince(listed, ["1.ts", "2.ts", "3.ts"], 3000);
  expect([...listed]).toEqual([
    ["1.ts", 1000],
    ["2.ts", 3000],
    ["3.ts", 3000],
  ]);
  expect(isTooLate("1.ts", 2, listed, 3100)).toBe(false);
  expect(isTooLate("1.ts", 2, listed, 3300)).toBe(true);
  expect(isTooLate("0.ts", 2, listed, 3100)).toBe(true);
  expect(isTooLate("2.ts", 2, listed, 9000)).toBe(false);
});
