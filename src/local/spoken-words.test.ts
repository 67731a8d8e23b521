import { expect, it } from "vitest";
import { spokenWords } from "./spoken-words.ts";

it("gives each spoken word a time inside its sentence, by its letters", () => {
  const words = spokenWords([
    { text: "A long-er one.", startMs: 1000, endMs: 2500 },
    { text: "Two.", startMs: 5000, endMs: 6000 },
  ]);
  expect(words).toEqual([
    { text: "a", atMs: 1107.142857142857 },
    { text: "long", atMs: 1482.142857142857 },
    { text: "er", atMs: 1910.7142857142858 },
    { text: "one", atMs: 2285.714285714286 },
    { text: "two", atMs: 5500 },
  ]);
});
