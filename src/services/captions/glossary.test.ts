import { describe, expect, it } from "vitest";
import { Glossary } from "./glossary.ts";

const entries = [
  { heard: "nicks os", written: "NixOS" },
  { heard: "nicks", written: "Nix" },
  { heard: "own cast", written: "Owncast" },
  { heard: "own cast server on nicks os", written: "the server" },
  { heard: "so gross", written: "SO&GROß <b>" },
];
const timed = (text: string) =>
  text
    .split(" ")
    .filter(Boolean)
    .map((word, at) => ({ text: word, start: at, end: at + 0.9 }));
const written = (text: string, language = "en", list = entries) =>
  new Glossary(list, language).apply(timed(text)).map((run) => run.text);

describe("the glossary", () => {
  it.each([
    ["nothing in it", "good morning", ["good", "morning"]],
    ["the longest entry", "use nicks os and nicks now", ["use", "NixOS", "and", "Nix", "now"]],
    ["an entry over other entries", "own cast server on nicks os", ["the server"]],
    ["the longest entry that is whole", "own cast server on nicks", ["Owncast", "server", "on", "Nix"]],
    ["any letter case", "NICKS Os, Own CAST", ["NixOS,", "Owncast"]],
    ["punctuation around an entry", "(nicks os). «own cast»!", ["(NixOS).", "«Owncast»!"]],
    ["punctuation inside of one", "nicks, os", ["Nix,", "os"]],
    ["entries beside each other", "nicks nicks os nicks", ["Nix", "NixOS", "Nix"]],
    ["the beginning of an entry at the end", "own", ["own"]],
  ])("writes %s", (_, heard, texts) => expect(written(heard)).toEqual(texts));

  it("gives the written form the times of the whole run", () => {
    const [run] = new Glossary(entries, "en").apply(timed("own cast server on nicks os"));
    expect(run).toEqual({ text: "the server", start: 0, end: 5.9, words: 6, isEntry: true });
  });

  it("finds an entry of a language without spaces, however the engine parts it", () => {
    const list = [{ heard: "ニックス オーエス", written: "NixOS" }];
    expect(written("ニックス オーエス です", "ja", list)).toEqual(["NixOS", "です"]);
    expect(written("ニック スオ ーエス です", "ja", list)).toEqual(["NixOS", "です"]);
    expect(written("ニックスオーエス です", "ja", list)).toEqual(["NixOS", "です"]);
  });

  it.each([
    ["Straße", "STRASSE"],
    ["ΟΔΟΣ", "οδος"],
    ["e\u0301te\u0301", "\u00E9t\u00E9"],
  ])("takes %s for %s", (heard, said) => expect(written(said, "de", [{ heard, written: "x" }])).toEqual(["x"]));

  it("does not join words over a second of silence", () => {
    const words = [
      { text: "nicks", start: 0, end: 0.5 },
      { text: "os", start: 1.6, end: 2 },
    ];
    expect(new Glossary(entries, "en").apply(words).map(({ text }) => text)).toEqual(["Nix", "os"]);
  });

  it("skips entries without words, and keeps the first of two alike", () => {
    const list = [
      { heard: " ", written: "x" },
      { heard: "a", written: "\0" },
      { heard: "b", written: "one" },
      { heard: "B", written: "two" },
    ];
    expect(written("a b", "en", list)).toEqual(["a", "one"]);
  });

  it.each([
    ["we use nicks", 2],
    ["we use own cast server on", 2],
    ["own cast server on nicks os", 6],
    ["we use nicks os", 4],
    ["we use nicks.", 3],
    ["", 0],
  ])("knows where in %j an entry may have begun", (text, from) =>
    expect(new Glossary(entries, "en").openFrom(timed(text))).toBe(from),
  );

  it("takes 500 entries and 10,000 words in a moment", { timeout: 20_000 }, () => {
    const list = Array.from({ length: 500 }, (_, at) => ({ heard: `${"a ".repeat(7)}x${at}`, written: "y" }));
    expect(written("a ".repeat(10_000), "en", list)).toHaveLength(10_000);
  });
});
