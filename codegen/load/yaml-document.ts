import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import { compose } from "./compose.ts";
import { decode } from "./decode.ts";
import { show } from "./printable.ts";
import { ConfigError, formatPath, type Problem } from "./problem.ts";
import { type Fault, type Position, TextPositions } from "./text-positions.ts";

/** A parsed file: plain data, and the place of each path. */
export interface Document {
  readonly value: unknown;
  /** Syntax faults that leave the content readable. */
  readonly faults: readonly Fault[];
  /** Index into the text of a value, or of the nearest value around it that has a place. */
  offsetAt(path: readonly PropertyKey[]): number;
  /** Index into the text of a key of the mapping at `path`. */
  offsetOfKey(path: readonly PropertyKey[], key: string): number;
  /** The rest of the line from the start of a value; `""` for a value without a place. */
  sourceAt(path: readonly PropertyKey[]): string;
  /** The same from the value's name; for an entry of a list, from the line's start. */
  lineOf(path: readonly PropertyKey[]): string;
  /** The position of a value. */
  valueAt(path: readonly PropertyKey[]): Position;
  /** Faults as problems of this file, in its order. */
  problems(faults: readonly Fault[]): Problem[];
}

const keyOf = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String));

/**
 * Reads one YAML document (JSON is YAML too) into plain data. Everything ambiguous or hidden is a fault: anchors, aliases,
 * merge keys, tags, several documents, keys that are not texts. Throws ConfigError with every fault if the content cannot
 * be read.
 */
export function parseDocument(file: string, bytes: Uint8Array): Document {
  const text = decode(file, bytes);
  const positions = new TextPositions(text);
  const problems = (faults: readonly Fault[]) => positions.problems(file, faults);
  const { documents, faults: unreadable } = compose(text, positions);
  const [document, second] = documents;
  const walk: Walk = { text, faults: [], offsets: new Map() };
  if (second)
    fault(
      walk,
      second.range?.[0] ?? 0,
      [],
      "a second document starts here; a stage file is one document, remove the `---`",
    );
  const value = document?.contents ? convert(document.contents, walk, []) : null;
  if (unreadable.length > 0) {
    const named = new Set(unreadable.map(({ offset }) => offset));
    throw new ConfigError(problems([...unreadable, ...walk.faults.filter(({ offset }) => !named.has(offset))]));
  }
  const offsetAt = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const offset = walk.offsets.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return walk.offsets.get(keyOf([])) ?? 0;
  };
  const lineFrom = (offset: number): string => text.slice(offset, positions.lineAround(offset).end);
  return {
    value,
    faults: walk.faults,
    offsetAt,
    offsetOfKey: (path, key) => walk.offsets.get(`key ${keyOf([...path, key])}`) ?? offsetAt(path),
    sourceAt: (path) => lineFrom(offsetAt(path)),
    lineOf: (path) => lineFrom(walk.offsets.get(`key ${keyOf(path)}`) ?? positions.lineAround(offsetAt(path)).start),
    valueAt: (path) => positions.at(offsetAt(path)),
    problems,
  };
}

interface Walk {
  readonly text: string;
  readonly faults: Fault[];
  readonly offsets: Map<string, number>;
}
type Path = readonly PropertyKey[];

const fault = ({ faults }: Walk, offset: number, path: Path, message: string): number =>
  faults.push({ offset, path: formatPath(path), message });

const startOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;

function convert(node: unknown, walk: Walk, path: Path): unknown {
  const offset = startOf(node);
  walk.offsets.set(keyOf(path), offset);
  // The text after the character is not repeated: a secret can start with that character.
  if (isAlias(node)) {
    fault(
      walk,
      offset,
      path,
      "aliases (`*name`) are not allowed; write the value out, or quote a text that starts with *",
    );
    return undefined;
  }
  const { tag, anchor } = (node ?? {}) as { tag?: string; anchor?: string };
  const sign = startOfSigns(walk.text, offset);
  if (tag) fault(walk, sign, path, "tags (`!name`) are not allowed; remove it, or quote a text that starts with !");
  if (anchor)
    fault(walk, sign, path, "anchors (`&name`) are not allowed; remove it, or quote a text that starts with &");
  if (isScalar(node)) return scalar(node.value, walk, offset, path);
  if (isSeq(node)) return node.items.map((item, index) => convert(item, walk, [...path, index]));
  if (isMap(node)) return convertMap(node.items as Pair[], walk, path);
  return null;
}

function scalar(value: unknown, walk: Walk, offset: number, path: Path): unknown {
  if (typeof value === "string" && /\p{Surrogate}/u.test(value))
    fault(walk, offset, path, "holds half a character (a lone surrogate); write the whole character");
  return value;
}

/** The index of the first tag or anchor before a value. */
function startOfSigns(text: string, offset: number): number {
  const before = text.slice(Math.max(0, offset - 300), offset);
  return offset - (/(?:[!&][^\s,[\]{}]*\s*)+$/.exec(before)?.[0].length ?? 0);
}

function convertMap(pairs: readonly Pair[], walk: Walk, path: Path): Record<string, unknown> {
  const seen = new Set<string>();
  const entries = pairs.flatMap(({ key, value }): [string, unknown][] => {
    const offset = startOf(key);
    if (!isScalar(key) || typeof key.value !== "string") {
      const found = isScalar(key) ? show(key.value) : isSeq(key) ? "a list" : "a mapping";
      fault(walk, offset, path, `a setting's name must be a text, got ${found}`);
      return [];
    }
    const inner = [...path, key.value];
    if (key.value === "<<") {
      fault(walk, offset, path, "merge keys (`<<`) are not allowed; write the settings out");
      return [];
    }
    // If names are free, zod skips this key, so it would silently be lost.
    if (key.value === "__proto__") {
      fault(walk, offset, inner, "no setting can have this name");
      return [];
    }
    if (seen.has(key.value)) fault(walk, offset, inner, "this name occurs twice here; keep one");
    seen.add(key.value);
    walk.offsets.set(`key ${keyOf(inner)}`, offset);
    const converted = convert(value, walk, inner);
    // In `{ name }` the value has no place of its own.
    if (value === null) walk.offsets.set(keyOf(inner), offset);
    return [[key.value, converted]];
  });
  return Object.fromEntries(entries);
}
