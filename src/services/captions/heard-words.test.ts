import { describe, expect, it } from "vitest";
import { HeardWords, type PlacedWord } from "./heard-words.ts";

const second = 16_000;
const words = (...list: readonly (readonly [string, number, number])[]): PlacedWord[] =>
  list.map(([text, start, end]) => ({ text, start: start * second, end: end * second }));
const texts = (list: readonly { readonly text: string }[]): string => list.map(({ text }) => text).join(" ");

describe("words that a recogniser has said", () => {
  it("takes what two partial results agree on, though it ends later", () => {
    const heard = new HeardWords();
    heard.partial(words(["good", 0.5, 0.9], ["morning", 0.9, 2.1]), 2.5 * second);
    heard.partial(words(["good", 0.5, 0.9], ["morning", 0.95, 2.15], ["all", 2.2, 2.5]), 3 * second);
    expect(texts(heard.take(2 * second))).toBe("good morning");
    expect(texts(heard.take(4 * second))).toBe("all");
  });

  it("leaves a word that only one partial result says, and that ends later", () => {
    const heard = new HeardWords();
    heard.partial(words(["good", 0.5, 0.9], ["mor", 1.8, 2.1]), 2.2 * second);
    expect(texts(heard.take(2 * second))).toBe("good");
    heard.final(words(["good", 0.5, 0.9], ["morning", 1.8, 2.4]), 3 * second);
    expect(texts(heard.take(4 * second))).toBe("morning");
  });

  it("leaves a word that only one partial result says at the edge of the sound, though it ends before", () => {
    const heard = new HeardWords();
    heard.partial(words(["good", 0.5, 0.9], ["more", 1.4, 1.8]), 2.2 * second);
    expect(texts(heard.take(2 * second))).toBe("good");
    heard.partial(words(["good", 0.5, 0.9], ["morning", 1.4, 2.1]), 2.5 * second);
    heard.partial(words(["good", 0.5, 0.9], ["morning", 1.4, 2.1]), 2.7 * second);
    expect(texts(heard.take(2 * second))).toBe("morning");
  });

  it("says nothing twice when the final result moves words that were taken", () => {
    const heard = new HeardWords();
    heard.partial(words(["one", 0.2, 0.6], ["two", 0.8, 1.2]), 2 * second);
    expect(texts(heard.take(2 * second))).toBe("one two");
    heard.final(words(["won", 0.2, 0.7], ["two", 1.0, 1.5], ["three", 1.9, 2.3]), 3 * second);
    expect(texts(heard.take(3 * second))).toBe("three");
  });

  it("gives words that come late with the next ones", () => {
    const heard = new HeardWords();
    expect(heard.take(2 * second)).toEqual([]);
    heard.final(words(["late", 0.5, 0.9]), 3 * second);
    expect(texts(heard.take(4 * second))).toBe("late");
  });

  it("waits for the final result where partial ones have no times", () => {
    const heard = new HeardWords();
    heard.partial([{ text: "hello", start: Number.NaN, end: Number.NaN }], second);
    expect(heard.take(2 * second)).toEqual([]);
    heard.final([{ text: "hello", start: Number.NaN, end: Number.NaN }], 2 * second);
    expect(heard.take(2 * second)).toEqual([{ text: "hello", startSample: 0, endSample: 2 * second }]);
  });

  it("keeps what was heard when the server is lost", () => {
    const heard = new HeardWords();
    heard.partial(words(["half", 0.5, 0.9], ["said", 1.0, 1.4]), 2 * second);
    heard.lose(3 * second);
    expect(heard.settledSample).toBe(3 * second);
    expect(texts(heard.take(3 * second))).toBe("half said");
    heard.final(words(["again", 3.2, 3.6]), 4 * second);
    expect(texts(heard.take(4 * second))).toBe("again");
  });

  it.each([
    { claim: "negative", list: words(["a", -5, -4], ["b", 0.5, 1]) },
    { claim: "far in the future", list: words(["a", 0.1, 0.5], ["b", 1e9, 2e9]) },
    { claim: "running back", list: words(["a", 1.5, 1.9], ["b", 0.1, 0.5]) },
    { claim: "ending before they start", list: words(["a", 1.5, 0.1], ["b", 1.6, 1.9]) },
  ])("puts times that are $claim into the time that was heard", ({ list }) => {
    const heard = new HeardWords();
    heard.final(list, 2 * second);
    const taken = heard.take(2 * second + 1);
    expect(texts(taken)).toBe("a b");
    expect(heard.strangeTimes).toBe(1);
    let last = 0;
    for (const { startSample, endSample } of taken) {
      expect(startSample).toBeGreaterThanOrEqual(last);
      expect(endSample).toBeGreaterThanOrEqual(startSample);
      expect(endSample).toBeLessThanOrEqual(2 * second);
      last = startSample;
    }
  });

  it("settles silence behind the sound, and a result at its end", () => {
    const heard = new HeardWords();
    heard.partial([], 4 * second);
    expect(heard.settledSample).toBe(2.5 * second);
    heard.final(words(["end", 4.5, 5]), 5.1 * second);
    expect(heard.settledSample).toBe(5 * second);
  });
});
