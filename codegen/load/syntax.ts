import type { ErrorCode, YAMLError } from "yaml";
import type { TextPositions } from "./text-positions.ts";

const quote = "put the text in quotes";
const nameAndValue = "expected `name: value`; the colon is missing, or the space after it";
const documents = "`---` and `...` separate documents; a stage file is one document, remove them";
const signs = `\`&\`, \`*\` and \`!\` at the start of a text have a special meaning; ${quote}`;
const dash = "expected `- ` in the same column as the list's other entries";

/** The messages for the parser's codes. Several faults share a code, so some messages depend on the text at and before the place. */
type Reading = string | ((at: string, before: string) => string);

/** The parser's codes as messages for a person. They never repeat the file's content, which may be a secret. */
const readings: Partial<Readonly<Record<ErrorCode, Reading>>> = {
  ALIAS_PROPS: signs,
  BAD_ALIAS: signs,
  BAD_COLLECTION_TYPE: signs,
  BAD_PROP_ORDER: signs,
  MULTIPLE_ANCHORS: signs,
  MULTIPLE_TAGS: signs,
  TAG_RESOLVE_FAILED: signs,
  BAD_DQ_ESCAPE: (at) =>
    `\`${[...at].slice(0, 2).join("")}\` means nothing between double quotes; write \`\\\\\` for a backslash`,
  BAD_INDENT: (at) =>
    at.startsWith("-")
      ? dash
      : "indented differently from the settings beside it; all settings of a group start in the same column",
  BAD_SCALAR_START: (at) => `a text cannot start with "${at[0]}"; ${quote}`,
  BLOCK_AS_IMPLICIT_KEY: `\`: \` inside a value; ${quote}`,
  BLOCK_IN_FLOW: "inside [ ] or { }, write lists with [ ] and mappings with { }",
  KEY_OVER_1024_CHARS: "a name of more than 1024 characters; is a line break or a quote missing?",
  MISSING_CHAR: missing,
  MULTILINE_IMPLICIT_KEY: nameAndValue,
  TAB_AS_INDENT: "indented with a tab; YAML needs spaces",
  UNEXPECTED_TOKEN: unexpected,
};

function missing(at: string, before: string): string {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  if (at.startsWith("#")) return `\`#\` starts a comment only after a space; ${quote} if the \`#\` belongs to it`;
  if (at.startsWith(" ")) return dash;
  if (/^---\s/.test(line)) return documents;
  if (/[|>][-+\d]*[ \t]*\n(?:[ \t]*\n)+[ \t]*$/.test(before))
    return "the first lines of this text are indented deeper than the rest; indent all lines alike";
  if (/(?:^|[\s,[{])[&!]\S*$/.test(line)) return signs;
  if (!/[[{]/.test(line)) return nameAndValue;
  return at.startsWith(":") ? "expected a space after the colon" : "expected a comma before this";
}

function unexpected(at: string, before: string): string {
  if (/^[\]}]/.test(at)) return "no opening bracket for this closing one";
  if (at.startsWith(",")) return "no value before this comma";
  if (/^(?:---|\.\.\.)(?:\s|$)/.test(at)) return documents;
  if (/^-\s/.test(at)) return "a list starts on a line of its own, below its name";
  if (/[:-] +[|>][-+\d]*[ \t]*$/.test(before)) return "a text after `|` or `>` starts on the next line";
  return /^[&*!]/.test(at) ? signs : "unexpected text; a stage file is made of lines `name: value`";
}

/** A complaint as a fault: the message, and the index of the text that a person would correct. */
export function explainSyntax(
  { code, pos }: YAMLError,
  text: string,
  positions: TextPositions,
): { offset: number; message: string } {
  const [offset] = pos;
  if (code === "MULTILINE_IMPLICIT_KEY") {
    const deeper = deeperNextLine(offset, text, positions);
    if (deeper !== undefined)
      return { offset: deeper, message: "indented deeper than the line above, but that line already has its value" };
  }
  if (/^-[^\s-]/.test(text.slice(offset, offset + 2))) return { offset, message: "expected a space after the dash" };
  const reading = readings[code];
  if (reading === undefined)
    return { offset, message: "this cannot be read; is a quote, a bracket or a line break missing?" };
  const message =
    typeof reading === "string"
      ? reading
      : reading(text.slice(offset, offset + 10), text.slice(Math.max(0, offset - 300), offset));
  return { offset: pastSpaces(offset, text), message };
}

/** The index of the next line's text, if that line is indented deeper than the one at `offset`. */
function deeperNextLine(offset: number, text: string, positions: TextPositions): number | undefined {
  const { start, end } = positions.lineAround(offset);
  const next = pastSpaces(end + 1, text);
  return next - (end + 1) > pastSpaces(start, text) - start ? next : undefined;
}

function pastSpaces(offset: number, text: string): number {
  let at = offset;
  while (text[at] === " ") at++;
  return at;
}
