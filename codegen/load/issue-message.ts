import { isDeepStrictEqual } from "node:util";
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { levels } from "../schema/owncast/ladder.ts";
import { show } from "./printable.ts";

type Issue = z.core.$ZodIssue;

/** The message for a value: its fault, and the expected form. `isHidden`: the value may be a secret, so it is not shown. */
export function explainIssue(issue: Issue, input: unknown, isHidden: boolean): string {
  const got = isHidden ? "got something else (not shown, it may be a secret)" : `got ${show(input)}`;
  switch (issue.code) {
    case "invalid_type":
    case "invalid_value":
      return input === undefined
        ? `missing; expected ${expected(issue)}`
        : `expected ${expected(issue)}, ${got}${isHidden ? "" : hint(issue, input)}`;
    case "invalid_union":
      return `expected ${issue.errors.flatMap(rootIssue).map(expected).join(", or ")}, ${got}`;
    case "too_small":
      return bound(issue.origin, "at least", Number(issue.minimum), input);
    case "too_big":
      return bound(issue.origin, "at most", Number(issue.maximum), input);
    case "not_multiple_of":
      return `expected ${issue.divisor === 2 ? "an even number" : `a multiple of ${issue.divisor}`}, ${got}`;
    default:
      return issue.message.includes("got ") || (typeof input === "object" && input !== null)
        ? issue.message
        : `${issue.message}, ${got}`;
  }
}

/** The issue of a union's branch about the value's own type, if there is one. */
export const rootIssue = (issues: readonly Issue[]): Issue[] =>
  issues
    .filter(({ path, code }) => path.length === 0 && (code === "invalid_type" || code === "invalid_value"))
    .slice(0, 1);

const bound = (origin: string, limit: string, value: number, input: unknown): string =>
  origin === "array"
    ? `expected ${limit} ${value} ${value === 1 ? "entry" : "entries"}, got ${(input as unknown[]).length}`
    : `expected ${limit} ${value}, got ${show(input)}`;

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of settings",
  record: "a mapping",
};

function expected(issue: Issue): string {
  if (issue.code === "invalid_type") return typeNames[issue.expected] ?? issue.expected;
  if (issue.code !== "invalid_value") return issue.message;
  const words = issue.values.map(String);
  return words.length === 1 ? `${words[0]}` : `one of ${words.join(", ")}`;
}

const spoken: Readonly<Record<string, boolean>> = { yes: true, on: true, y: true, no: false, off: false, n: false };

/** A remedy for a value of the wrong type or a wrong word, if the slip is obvious. */
function hint(issue: Issue, input: unknown): string {
  if (issue.code === "invalid_value")
    return ownLevel(issue.values, input) || suggestion(String(input), issue.values.map(String));
  if (issue.code !== "invalid_type") return "";
  if (issue.expected === "string") return /^(number|boolean)$/.test(typeof input) ? "; put it in quotes" : "";
  if (typeof input !== "string") return "";
  if (issue.expected === "boolean") {
    const meant = spoken[input.toLowerCase()];
    if (meant !== undefined) return `; did you mean ${meant}?`;
  }
  if (issue.expected === "array")
    return input.includes(",") ? "; a list is written [one, another], or with `- ` before each entry" : "";
  const isQuoted = issue.expected === "boolean" ? /^(true|false)$/.test(input) : /^-?\d+(\.\d+)?$/.test(input);
  if (isQuoted && /^(boolean|int|number)$/.test(issue.expected)) return "; remove the quotes";
  if (/^(int|number)$/.test(issue.expected)) return bareNumber(input);
  return issue.expected === "object" && /^\w+:\S/.test(input) ? "; a space is missing after the colon" : "";
}

/** The level that one of Owncast's own numbers stands for. */
const ownLevel = (words: readonly unknown[], input: unknown): string =>
  isDeepStrictEqual(words, levels) && typeof input === "number" && levels[input] !== undefined
    ? `; Owncast's ${input} is ${levels[input]}`
    : "";

/** The number in a text with a separator for thousands or with a unit. */
function bareNumber(text: string): string {
  const [, digits] = /^(\d[\d,']*)\s*(?:k|kbit\/s|kbps|px|p|fps)?$/i.exec(text) ?? [];
  return digits === undefined ? "" : `; did you mean ${digits.replace(/[,']/g, "")}?`;
}

/** "; did you mean x?" if a known word is similar enough. */
export function suggestion(word: string, known: readonly string[]): string {
  if (word.length > 60) return "";
  const near = known
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)[0];
  // Two edits allow two swapped letters. In a word of three letters, two edits make another word.
  const allowed = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  return near && near.edits <= allowed ? `; did you mean ${near.candidate}?` : "";
}
