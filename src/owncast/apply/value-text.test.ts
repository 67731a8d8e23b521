import { expect, it } from "vitest";
import { valueText } from "./value-text.ts";

const text = (...lines: string[]): string => lines.join("\n");
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
const at360 = (name: string, bitrateKbps: number, width = 640) => ({
  ...{ name, width, height: 360, framerate: 30, bitrateKbps },
});

interface Case {
  readonly claim: string;
  readonly have: unknown;
  readonly want: unknown;
  readonly says: string | readonly string[];
}

const long = "a".repeat(200);

it.each<Case>([
  { claim: "a scalar: old → new", have: 4, want: true, says: "4 → true" },
  { claim: "what is not there yet is nothing", have: undefined, want: "x", says: 'nothing → "x"' },
  {
    claim: "long texts are cut around the first difference",
    have: `${long}old${long}`,
    want: `${long}new${long}`,
    says: `…${"a".repeat(20)}old${"a".repeat(47)}… → …${"a".repeat(20)}new${"a".repeat(47)}…`,
  },
  {
    claim: "what would rule the terminal is spelt out",
    have: "\u001b[2J\u202e",
    want: "x",
    says: '"\\u001b[2J\\u202e" → "x"',
  },
  {
    claim: "a text of several lines is a diff with a line around each change",
    have: text("a", "b", "c", "old", "d", "e", "f"),
    want: text("a", "b", "c", "new", "d", "e", "f", "g"),
    says: ["same c", "- old", "+ new", "same d", "gap …", "same f", "+ g"],
  },
  {
    claim: "only a few lines of a text that is another are shown, and how many more",
    have: text(...numbered(1, 10)),
    want: text(...numbered(11, 30)),
    says: [
      ...numbered(1, 10).map((line) => `- ${line}`),
      ...numbered(11, 12).map((line) => `+ ${line}`),
      "gap … 18 more changed lines",
    ],
  },
  {
    claim: "a long line is cut around what changed in it",
    have: text(`${long}old`, "b"),
    want: text(`${long}new`, "b"),
    says: [`- …${"a".repeat(20)}old`, `+ …${"a".repeat(20)}new`, "same b"],
  },
  {
    claim: "a list of words: what went and what came",
    have: ["a", "b"],
    want: ["b", "c", "d"],
    says: '- "a", + "c", + "d"',
  },
  { claim: "a list in another order", have: ["a", "b"], want: ["b", "a"], says: 'in another order: "b", "a"' },
  { claim: "a list that the server has none of", have: null, want: ["a"], says: '+ "a"' },
  {
    claim: "a ladder: renditions by name",
    have: [at360("SD", 800), at360("UHD", 9000, 3840), at360("HD", 1600)],
    want: [at360("SD", 1000), at360("HD", 1600), at360("FHD", 3200, 1920)],
    says: ["- UHD", "~ SD: bitrateKbps 800 → 1000", "+ FHD: width 1920, height 360, framerate 30, bitrateKbps 3200"],
  },
  {
    claim: "a list of things without a name of their own: by address",
    have: [{ platform: "a", url: "https://a.example" }],
    want: [{ platform: "b", url: "https://a.example" }],
    says: ['~ https://a.example: platform "a" → "b"'],
  },
  {
    claim: "a mapping: by key",
    have: { one: "1", two: "2", three: "3" },
    want: { one: "1", two: "x", four: "4" },
    says: ['~ two "2" → "x"', "- three", '+ four "4"'],
  },
])("$claim", ({ have, want, says }) => {
  const { inline, lines } = valueText(have, want);
  expect(inline ?? lines?.map(({ kind, text: line }) => `${kind} ${line}`)).toEqual(says);
});

it("a text of twenty thousand lines that is another takes no time to speak of", () => {
  const have = text(...numbered(1, 20_000));
  const want = text(...numbered(30_000, 50_000));
  expect(valueText(have, want).lines?.at(-1)?.text).toBe("… 39989 more changed lines");
});
