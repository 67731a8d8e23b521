import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments } from "yaml";
import { ConfigError, formatPath, type Problem } from "./problem.ts";

const maxBytes = 1_000_000;
const maxDepth = 40;

/** Where something stands in a file, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A parsed file: plain data, and where each path of it stands. */
export interface Document {
  readonly value: unknown;
  /** The position of a value, or of the nearest thing around it that has one. */
  valueAt(path: readonly PropertyKey[]): Position;
  /** The position of a key of the mapping at `path`. */
  keyAt(path: readonly PropertyKey[], key: string): Position;
}

const keyOf = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String));

/**
 * Reads one YAML document (JSON is YAML too) into plain data. What could mean two things, or hide something, is refused:
 * anchors, aliases, merge keys, tags, several documents, keys that are not texts. Throws ConfigError with every fault.
 */
export function parseDocument(file: string, bytes: Uint8Array): Document {
  const text = decode(file, bytes);
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fault = (offset: number, message: string, path = "") => problems.push({ file, ...at(offset), path, message });

  const documents = compose(file, text, lines);
  const [document, second] = documents;
  for (const { errors } of documents)
    for (const error of errors) fault(error.pos[0], explainSyntax(error.code, error.message));
  if (second) fault(second.range[0], "a second document starts here; a stage file is one document, remove the `---`");
  const positions = new Map<string, number>();
  const value = document?.contents ? convert(document.contents, { fault, positions }, []) : null;
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    value,
    valueAt(path) {
      for (let length = path.length; length >= 0; length--) {
        const offset = positions.get(keyOf(path.slice(0, length)));
        if (offset !== undefined) return at(offset);
      }
      return { line: 1, column: 1 };
    },
    keyAt: (path, key) => at(positions.get(`key ${keyOf([...path, key])}`) ?? 0),
  };
}

function decode(file: string, bytes: Uint8Array): string {
  const refuse = (message: string): never => {
    throw new ConfigError([{ file, line: 1, column: 1, path: "", message }]);
  };
  if (bytes.length > maxBytes)
    refuse(`the file has ${bytes.length} bytes, at most ${maxBytes} are read; is it a stage file?`);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    refuse("the file is UTF-16; save it as UTF-8");
  if (bytes.includes(0)) refuse("the file holds a NUL byte; is it a text file?");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("the file is not UTF-8; save it as UTF-8");
  }
}

function compose(file: string, text: string, lineCounter: LineCounter) {
  try {
    const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, version: "1.2", merge: false });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    // The composer recurses: nesting in the thousands ends in a stack overflow, which is the file's fault.
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError([{ file, line: 1, column: 1, path: "", message: `nested more than ${maxDepth} deep` }]);
  }
}

/** The parser's message in a person's words where its own are the format's. */
function explainSyntax(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "this key stands here twice; keep one";
  if (code === "TAB_AS_INDENT") return "indented with a tab; YAML wants spaces";
  return `not valid YAML: ${message}`;
}

interface Walk {
  readonly fault: (offset: number, message: string, path?: string) => void;
  readonly positions: Map<string, number>;
}

function convert(node: unknown, walk: Walk, path: readonly PropertyKey[]): unknown {
  const offset = (node as Node | null)?.range?.[0] ?? 0;
  const fault = (message: string) => walk.fault(offset, message, formatPath(path));
  walk.positions.set(keyOf(path), offset);
  if (path.length > maxDepth) return fault(`nested more than ${maxDepth} deep`);
  if (isAlias(node)) return fault("aliases (`*name`) are not read; write the value out");
  const { tag, anchor } = (node ?? {}) as { tag?: string; anchor?: string };
  if (tag) fault(`tags (\`${tag}\`) are not read; remove it`);
  if (anchor) fault(`anchors (\`&${anchor}\`) are not read; remove it`);
  if (isScalar(node)) return typeof node.value === "bigint" ? Number(node.value) : node.value;
  if (isSeq(node)) return node.items.map((item, index) => convert(item, walk, [...path, index]));
  if (isMap(node)) return convertMap(node.items as Pair[], walk, path);
  return null;
}

function convertMap(pairs: readonly Pair[], walk: Walk, path: readonly PropertyKey[]): Record<string, unknown> {
  const entries = pairs.flatMap(({ key, value }): [string, unknown][] => {
    const offset = (key as Node | null)?.range?.[0] ?? 0;
    if (!isScalar(key) || typeof key.value !== "string") {
      walk.fault(offset, "a key must be a text", formatPath(path));
      return [];
    }
    if (key.value === "<<") {
      walk.fault(offset, "merge keys (`<<`) are not read; write the settings out", formatPath(path));
      return [];
    }
    walk.positions.set(`key ${keyOf([...path, key.value])}`, offset);
    return [[key.value, convert(value, walk, [...path, key.value])]];
  });
  // fromEntries defines own properties, so a key called __proto__ stays a key, to be refused as unknown.
  return Object.fromEntries(entries);
}
