import { expect, test } from "vitest";
import { stableDelays } from "./stable-words.ts";

const word = (text: string, start: number, end: number) => ({ word: text, start, end, conf: 1 });

test("a word is stable when two partial results have it, or when it is final", () => {
  const final = [word("one", 0, 1), word("two", 1, 2)];
  const answers = [
    { atSeconds: 1, answer: { partial: "", partial_result: [word("won", 0, 1)], settled: 0 } },
    { atSeconds: 1.5, answer: { partial: "", partial_result: [word("one", 0.1, 1)], settled: 0 } },
    { atSeconds: 2, answer: { partial: "", partial_result: [word("one", 0, 1), word("to", 1, 2)], settled: 0 } },
    { atSeconds: 4, answer: { text: "", result: final, settled: 4 } },
  ];
  expect(stableDelays({ words: final, answers })).toEqual([1, 2]);
});
