import { Composer, type CST, type Document, Lexer, Parser, type YAMLError } from "yaml";
import { explainSyntax } from "./syntax.ts";
import type { Fault, TextPositions } from "./text-positions.ts";

/** Deeper than any stage file, and far below the limit of the recursion here. */
const maxDepth = 40;
/** Names, values, spaces and signs: a stage file has some hundreds, and each takes memory. */
const maxTokens = 200_000;

/** The documents of a YAML text, and its syntax faults. */
export interface Composed {
  readonly documents: readonly Document[];
  readonly faults: readonly Fault[];
}

/** Parses a text. A text that is too deep or has too many parts gives that fault alone. */
export function compose(text: string, positions: TextPositions): Composed {
  const early = foreign(text);
  if (early) return { documents: [], faults: [early] };
  const tokens = parse(text);
  if (!Array.isArray(tokens)) return { documents: [], faults: [tokens] };
  const composer = new Composer({ merge: false, uniqueKeys: false, version: "1.2" });
  const documents = [...composer.compose(tokens, true, text.length)];
  const open = tokens.flatMap(unclosed);
  const complaints = withoutEchoes(
    documents.flatMap(({ errors }) => errors),
    open,
    text,
  ).map((error) => ({ path: "", ...explainSyntax(error, text, positions) }));
  const faults = [...tokens.flatMap(directive), ...complaints, ...innermost(open, text)];
  return { documents, faults: firstOfEachLine(faults, positions) };
}

/** The parser's errors that do not follow from another error. */
function withoutEchoes(errors: readonly YAMLError[], open: readonly Fault[], text: string): YAMLError[] {
  const firstOpen = Math.min(...open.map(({ offset }) => offset));
  const multiline = new Set(
    errors.filter(({ code }) => code === "MULTILINE_IMPLICIT_KEY").map(({ pos: [offset] }) => offset),
  );
  return (
    errors
      // After an open bracket or quote, wrong indents and missing characters follow from it; a `#` explains why it is open.
      .filter(
        ({ code, pos: [offset] }) =>
          offset < firstOpen || text[offset] === "#" || (code !== "MISSING_CHAR" && code !== "BAD_INDENT"),
      )
      .filter(({ code, pos: [offset] }) => code !== "BLOCK_AS_IMPLICIT_KEY" || !multiline.has(offset))
      .sort((a, b) => a.pos[0] - b.pos[0])
  );
}

/** The last one that opened comes first: it may hide the ends of those around it, and an open quote always does. */
function innermost(open: readonly Fault[], text: string): Fault[] {
  const quotes = open.filter(({ offset }) => /["']/.test(text[offset] ?? ""));
  return quotes.length > 0 ? quotes : open.toReversed();
}

/** Traces that another program left in the file. */
function foreign(text: string): Fault | undefined {
  const conflict = text.search(/^(?:<{7}|={7}|>{7})(?: |\r?$)/m);
  if (conflict >= 0)
    return { offset: conflict, path: "", message: "the mark of a merge conflict; keep one side and remove the marks" };
  const lineEnd = text.search(/\r(?!\n)/);
  if (lineEnd >= 0) return { offset: lineEnd, path: "", message: "a line ends with CR alone; save the file with LF" };
  return undefined;
}

/** The text's tokens as a tree; or a fault, before the tree becomes too large to walk. */
function parse(text: string): CST.Token[] | Fault {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    const { offset } = parser;
    // The stack holds the document and every open list and mapping, and at most one scalar on top.
    if (parser.stack.length > maxDepth + 2) return { offset, path: "", message: `nested more than ${maxDepth} deep` };
    if (++count > maxTokens) return { offset, path: "", message: "the file has too many parts; is it a stage file?" };
  }
  return [...tokens, ...parser.end()];
}

const directive = (token: CST.Token): Fault[] =>
  token.type === "directive"
    ? [{ offset: token.offset, path: "", message: `a line may not start with \`%\`; remove it` }]
    : [];

/** Every bracket and quote that is never closed, where it opens. The parser names the place where it noticed. */
function unclosed(token: CST.Token | null | undefined): Fault[] {
  switch (token?.type) {
    case "document":
      return unclosed(token.value);
    case "single-quoted-scalar":
    case "double-quoted-scalar":
      return isClosed(token.source) ? [] : [never(token.offset, token.source[0] ?? "")];
    case "flow-collection": {
      const { source, offset } = token.start;
      const isWhole = token.end[0]?.source === (source === "{" ? "}" : "]");
      return [...(isWhole ? [] : [never(offset, source)]), ...token.items.flatMap(unclosedInItem)];
    }
    case "block-map":
    case "block-seq":
      return token.items.flatMap(unclosedInItem);
    default:
      return [];
  }
}

const unclosedInItem = ({ key, value }: CST.CollectionItem): Fault[] => [...unclosed(key), ...unclosed(value)];

const never = (offset: number, opening: string): Fault => ({
  offset,
  path: "",
  message: `this ${opening} is never closed`,
});

/** Whether a quoted text ends with its closing quote, and not with an escaped one. */
function isClosed(source: string): boolean {
  const [quote = ""] = source;
  if (source.length < 2 || !source.endsWith(quote)) return false;
  return quote === "'" || (/\\*$/.exec(source.slice(1, -1))?.[0].length ?? 0) % 2 === 0;
}

/** One fault a line: the others on a line follow from its first. */
function firstOfEachLine(faults: readonly Fault[], positions: TextPositions): Fault[] {
  const first = new Map<number, Fault>();
  for (const fault of faults) {
    const { start } = positions.lineAround(fault.offset);
    if (!first.has(start)) first.set(start, fault);
  }
  return [...first.values()];
}
