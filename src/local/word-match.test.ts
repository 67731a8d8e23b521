import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchWords, wordsOf } from "./word-match.ts";

const match = (spoken: string, heard: string) => {
  const asWords = (text: string) => wordsOf(text).map((word) => ({ text: word }));
  const { right, errorRate } = matchWords(asWords(spoken), asWords(heard));
  return { right: right.map(({ heard: { text } }) => text).join(" "), errorRate };
};

describe("the match of heard words with spoken ones", () => {
  it.each([
    ["all right", "One, two three.", "one two three", "one two three", 0],
    ["a wrong word", "one two three four", "one too three four", "one three four", 1 / 4],
    ["a missing word", "one two three four", "one three four", "one three four", 1 / 4],
    ["a word too many", "one two", "one and two", "one two", 1 / 2],
    ["a listener who began earlier and went on", "two three", "zero one two three four five", "two three", 0],
    ["nothing heard", "one two", "", "", 1],
    ["nothing spoken", "", "one", "", 0],
    ["other words", "one two", "three four", "", 1],
    ["an apostrophe", "It’s here", "it's here", "it's here", 0],
  ])("%s", (_, spoken, heard, right, errorRate) => expect(match(spoken, heard)).toEqual({ right, errorRate }));

  it("finds every word of a part that is heard whole", () => {
    const words = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, words, words, (before, spoken, after) => {
        const { errorRate } = match(spoken.join(" "), [...before, ...spoken, ...after].join(" "));
        expect(errorRate).toBe(0);
      }),
    );
  });
});
