import fc from "fast-check";
import { expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { HeardWords, type PlacedWord } from "./heard-words.ts";

const second = 16_000;
/** Speech as an engine may tell it: numbered words, each with a true time. */
const speech = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 8 })), { maxLength: 40 });
/** How the engine tells it: which results are final, how much it hears at once, and by how much its times tremble. */
const manner = fc.record({
  step: fc.integer({ min: 2, max: 20 }),
  finals: fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
  tremble: fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 1, maxLength: 20 }),
  segment: fc.integer({ min: 5, max: 40 }),
  lag: fc.integer({ min: 0, max: 40 }),
});

it("takes every word once and in order, whatever the engine's pace and results", () => {
  fc.assert(
    fc.property(speech, manner, (gaps, { step, finals, tremble, segment, lag }) => {
      const tenth = second / 10;
      let at = 0;
      const said = gaps.map(([gap, length], index): PlacedWord => {
        const start = (at + gap) * tenth;
        at += gap + length;
        return { text: `w${index}`, start, end: at * tenth };
      });
      const heard = new HeardWords();
      const taken: string[] = [];
      let done = 0;
      let committed = 0;
      const until = (at + 1) * tenth;
      for (let turn = 0; ; turn++) {
        const now = Math.min(until, (turn + 1) * step * tenth);
        const shift = (tremble[turn % tremble.length] ?? 0) * 0.5 * tenth;
        const words = said
          .slice(done)
          .filter(({ end }) => end <= now)
          .map(({ text, start, end }) => ({
            text,
            start: Math.max(0, start + shift),
            end: Math.min(now, end + shift),
          }));
        if (finals[turn % finals.length] || now === until) {
          heard.final(words, now);
          done += words.length;
        } else heard.partial(words, now);
        expect(heard.settledSample).toBeLessThanOrEqual(now);
        while ((committed + 1) * segment * tenth + lag * tenth <= now) {
          committed += 1;
          taken.push(...heard.take(committed * segment * tenth).map(({ text }) => text));
        }
        if (now === until) break;
      }
      taken.push(...heard.take(Number.MAX_SAFE_INTEGER).map(({ text }) => text));
      expect(taken).toEqual(said.map(({ text }) => text));
    }),
    { numRuns: runs(300, 5000) },
  );
});

const anyTime = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0, 1e300));
const anyWords = fc.array(fc.record({ text: fc.constantFrom("a", "b", "c"), start: anyTime, end: anyTime }), {
  maxLength: 10,
});

it("puts every word into time that was heard, in order, whatever times are told", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), anyWords), { maxLength: 20 }), (answers) => {
      const heard = new HeardWords();
      let last = 0;
      for (const [index, [isFinal, words]] of answers.entries()) {
        const now = (index + 1) * second;
        if (isFinal) heard.final(words, now);
        else heard.partial(words, now);
        for (const { startSample, endSample } of heard.take(now - 2 * second)) {
          expect(startSample).toBeGreaterThanOrEqual(last);
          expect(endSample).toBeGreaterThanOrEqual(startSample);
          expect(endSample).toBeLessThanOrEqual(now);
          last = startSample;
        }
      }
    }),
    { numRuns: runs(300, 5000) },
  );
});
