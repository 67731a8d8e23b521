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
  { claim: "shows a scalar as old → new", have: 4, want: true, says: "4 → true" },
  { claim: "shows a missing value as nothing", have: undefined, want: "x", says: 'nothing → "x"' },
  {
    claim: "cuts long texts around the first difference",
    have: `${long}old${long}`,
    want: `${long}new${long}`,
    says: `…${"a".repeat(20)}old${"a".repeat(47)}… → …${"a".repeat(20)}new${"a".repeat(47)}…`,
  },
  {
    claim: "escapes terminal control codes",
    have: "\u001b[2J\u202e",
    want: "x",
    says: '"\\u001b[2J\\u202e" → "x"',
  },
  {
    claim: "shows a text of several lines as a diff with one line around each change",
    have: text("a", "b", "c", "old", "d", "e", "f"),
    want: text("a", "b", "c", "new", "d", "e", "f", "g"),
    says: ["same c", "- old", "+ new", "same d", "gap …", "same f", "+ g"],
  },
  {
    claim: "shows only a few lines of a text that is all different, and the number of the others",
    have: text(...numbered(1, 10)),
    want: text(...numbered(11, 30)),
    says: [
      ...numbered(1, 10).map((line) => `- ${line}`),
      ...numbered(11, 12).map((line) => `+ ${line}`),
      "gap … 18 more changed lines",
    ],
  },
  {
    claim: "cuts a long line around its change",
    have: text(`${long}old`, "b"),
    want: text(`${long}new`, "b"),
    says: [`- …${"a".repeat(20)}old`, `+ …${"a".repeat(20)}new`, "same b"],
  },
  {
    claim: "shows removed and added words of a list",
    have: ["a", "b"],
    want: ["b", "c", "d"],
    says: '- "a", + "c", + "d"',
  },
  {
    claim: "shows that a list has another order",
    have: ["a", "b"],
    want: ["b", "a"],
    says: 'in another order: "b", "a"',
  },
  { claim: "shows all entries of a list if the server has none", have: null, want: ["a"], says: '+ "a"' },
  {
    claim: "shows a ladder's changes by rendition name",
    have: [at360("SD", 800), at360("UHD", 9000, 3840), at360("HD", 1600)],
    want: [at360("SD", 1000), at360("HD", 1600), at360("FHD", 3200, 1920)],
    says: ["- UHD", "~ SD: bitrateKbps 800 → 1000", "+ FHD: width 1920, height 360, framerate 30, bitrateKbps 3200"],
  },
  {
    claim: "shows changes by address for a list whose entries have no name",
    have: [{ platform: "a", url: "https://a.example" }],
    want: [{ platform: "b", url: "https://a.example" }],
    says: ['~ https://a.example: platform "a" → "b"'],
  },
  {
    claim: "shows a mapping's changes by key",
    have: { one: "1", two: "2", three: "3" },
    want: { one: "1", two: "x", four: "4" },
    says: ['~ two "2" → "x"', "- three", '+ four "4"'],
  },
])("$claim", ({ have, want, says }) => {
  const { inline, lines } = valueText(have, want);
  expect(inline ?? lines?.map(({ kind, text: line }) => `${kind} ${line}`)).toEqual(says);
});

it("is fast even for a text with twenty thousand different lines", () => {
  const have = text(...numbered(1, 20_000));
  const want = text(...numbered(30_000, 50_000));
  expect(valueText(have, want).lines?.at(-1)?.text).toBe("… 39989 more changed lines");
});
