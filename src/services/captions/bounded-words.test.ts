import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { BoundedWords } from "./bounded-words.ts";
import { CueMaker } from "./cues.ts";
import type { TimedWord } from "./source.ts";

const word = (text: string): TimedWord => ({ text, start: 1, end: 3 });
/** All segments' words of a flood that one segment brings. */
function flood(words: readonly TimedWord[]) {
  const bounded = new BoundedWords();
  const segments = [bounded.take(words)];
  while ((segments.at(-1)?.length ?? 0) > 0) segments.push(bounded.take([]));
  return { bounded, segments };
}

describe("a source's words", () => {
  it("are as they were if people can say them", () => {
    const words = ["the", "x".repeat(100)].map(word);
    expect(new BoundedWords().take(words)).toBe(words);
  });

  it("that are too long are split, and their time is shared out", () => {
    const [first, second, third, ...rest] = new BoundedWords().take([word("x".repeat(250))]);
    expect([first?.text.length, second?.text.length, third?.text.length, rest]).toEqual([100, 100, 50, []]);
    expect([first?.start, first?.end, second?.end, third?.end]).toEqual([1, 1.8, 2.6, 3]);
  });

  it("that are too many wait for the next segment", () => {
    const { segments, bounded } = flood(Array.from({ length: 1200 }, (_, at) => word(`${at}`)));
    expect(segments.map(({ length }) => length)).toEqual([500, 500, 200, 0]);
    expect(segments.flat().map(({ text }) => Number(text))).toEqual(Array.from({ length: 1200 }, (_, at) => at));
    expect(bounded.lost).toBe(0);
  });

  it("fill no memory", () => {
    const { segments, bounded } = flood(Array.from({ length: 20_000 }, (_, at) => word(`${at}`)));
    expect(segments.flat()).toHaveLength(10_000);
    expect(bounded.lost).toBe(10_000);
  });

  it("have every character once, in order, and no half ones", () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 400 }), { maxLength: 20 }), (texts) => {
        const { segments } = flood(texts.map(word));
        const all = segments.flat().map(({ text }) => text);
        expect(all.join("")).toBe(texts.join(""));
        for (const text of all) expect([text.length <= 100, !/\p{Cs}/u.test(text)]).toEqual([true, true]);
      }),
      { numRuns: runs(20, 500) },
    ));

  it.each([
    ["one word of a megabyte", [word("x".repeat(2 ** 20))]],
    ["one word of a megabyte without spaces", [word("東京".repeat(2 ** 18))]],
    ["20,000 words", Array.from({ length: 20_000 }, () => word("word"))],
    ["a heap of marks", [word(`z${"\u0335".repeat(2 ** 18)}`)]],
  ])("make cues while the segment lasts: %s", (_, words) => {
    const maker = new CueMaker({ glossary: [{ heard: "word word", written: "WordWord" }], language: "en" });
    const bounded = new BoundedWords();
    let slowestMs = 0;
    for (let number = 0; number < 3; number++) {
      const segment = { file: `stream-a-${number}.ts`, start: number, end: number + 1, madeAtMs: undefined };
      const sinceMs = performance.now();
      const taken = bounded.take(number === 0 ? words : []);
      maker.cuesOf({ segment: { ...segment, discontinuity: false }, words: taken }, true);
      slowestMs = Math.max(slowestMs, performance.now() - sinceMs);
    }
    // A hang guard. Unbounded, some of these take ten seconds and more.
    expect(slowestMs).toBeLessThan(4000);
  });
});
