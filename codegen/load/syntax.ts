import type { TextPositions } from "./text-positions.ts";

/** What the parser complains of: a kind, a message in the format's own words, and an index into the text. */
export interface SyntaxComplaint {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

const quote = "put the text in quotes";

/** The parser's messages in a person's words. The first that fits counts; what the file holds is not repeated, it may be a secret. */
const readings: readonly (readonly [RegExp, string])[] = [
  [/^All mapping items/, "indented unlike the settings beside it; those of one group start in the same column"],
  [/^All sequence items|^Sequence item without/, "expected `- ` in the same column as the list's other entries"],
  [/^Nested mappings are not allowed/, `\`: \` inside a value; ${quote}`],
  [/^Implicit map keys need|^Implicit keys/, "expected `name: value`; the colon is missing, or the space behind it"],
  [/^Plain value cannot start with .*(.)$/, `a text cannot start with "$1"; ${quote}`],
  [/^Comments must be separated/, `\`#\` starts a comment only after a space; ${quote} if it belongs to one`],
  // Half of a character that takes two, the parser's way of naming an emoji, is nothing to show.
  [
    /^Invalid escape sequence (\\[^\ud800-\udfff]?)/,
    "`$1` means nothing between double quotes; write `\\\\` for a backslash",
  ],
  [/^Tabs are not allowed/, "indented with a tab; YAML wants spaces"],
  [/^Unexpected block-seq-ind/, "a list starts on a line of its own, below its name"],
  [/^(Block scalar header|Not a YAML token)/, "a text after `|` or `>` starts on the next line"],
  [/^Block scalars with/, "the first lines of this text are indented deeper than the rest; indent all alike"],
  [/^Unexpected flow-(seq|map)-end/, "a closing bracket without an opening one"],
  [/^Unexpected (,|empty item)/, "a comma without a value before it"],
  [/^Missing ,/, "expected a comma before this"],
  [/^Missing space after :/, "expected a space after the colon"],
  [/^(Unexpected .* at node end|Unexpected scalar)/, "unexpected text; a stage file is made of lines `name: value`"],
  [/^The : indicator/, "a name of more than 1024 characters; is a line break or a quote missing?"],
  [/^Block collections/, "between [ ] or { }, a list or a mapping is written with [ ] or { } too"],
  [
    /doc-end|directives-end|Block collection cannot/,
    "`---` and `...` part documents; a stage file is one, remove them",
  ],
  [/[Aa]nchor|[Tt]ag|[Aa]lias/, `\`&\`, \`*\` and \`!\` at the start of a text mean something else; ${quote}`],
];

/** A complaint as a fault: what to say, and the index of what a person would mend. */
export function explainSyntax(
  { code, message, pos }: SyntaxComplaint,
  text: string,
  positions: TextPositions,
): { offset: number; message: string } {
  const [offset] = pos;
  if (code === "MULTILINE_IMPLICIT_KEY") {
    const deeper = deeperNextLine(offset, text, positions);
    if (deeper !== undefined)
      return { offset: deeper, message: "indented deeper than the line above, which has its value already" };
  }
  if (/^-[^\s-]/.test(text.slice(offset, offset + 2))) return { offset, message: "expected a space after the dash" };
  for (const [pattern, reading] of readings) {
    const match = pattern.exec(message);
    if (match) return { offset: pastSpaces(offset, text), message: reading.replace("$1", match[1] ?? "") };
  }
  return { offset, message: "this cannot be read; is a quote, a bracket or a line break missing?" };
}

/** Where the next line's text starts, if that line is indented deeper than the one at `offset`. */
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
