import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { formatPath, type Problem } from "./problem.ts";
import type { Document } from "./yaml-document.ts";

type Issue = z.core.$ZodIssue;

/** zod's issues as problems with a place, each saying what would be right. An unknown key is reported where the key stands. */
export function explainIssues(
  file: string,
  document: Document,
  schema: z.ZodType,
  issues: readonly Issue[],
): Problem[] {
  return issues.flatMap((issue) => {
    const input = lookUp(document.value, issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(schema, issue.path);
      return issue.keys.map((key) => ({
        file,
        ...document.keyAt(issue.path, key),
        path: formatPath([...issue.path, key]),
        message: `no such setting${suggestion(key, known) || `; known here: ${known.join(", ")}`}`,
      }));
    }
    if (issue.code === "invalid_union") {
      const branch = closestBranch(issue.errors, input);
      const nested = branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue);
      return explainIssues(file, document, schema, nested);
    }
    return [
      { file, ...document.valueAt(issue.path), path: formatPath(issue.path), message: explainIssue(issue, input) },
    ];
  });
}

function explainIssue(issue: Issue, input: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return input === undefined
        ? `missing; expected ${typeName(issue.expected)}`
        : `expected ${typeName(issue.expected)}, got ${show(input)}`;
    case "invalid_value": {
      const words = issue.values.map(String);
      return `expected one of ${words.join(", ")}, got ${show(input)}${suggestion(String(input), words)}`;
    }
    case "too_small":
      return bound(issue.origin, "at least", Number(issue.minimum), input);
    case "too_big":
      return bound(issue.origin, "at most", Number(issue.maximum), input);
    case "not_multiple_of":
      return issue.divisor === 2
        ? `expected an even number, got ${show(input)}`
        : `expected a multiple of ${issue.divisor}, got ${show(input)}`;
    case "custom":
      return issue.message.includes("got ") || (typeof input === "object" && input !== null)
        ? issue.message
        : `${issue.message}, got ${show(input)}`;
    default:
      return issue.message;
  }
}

const bound = (origin: string, limit: string, value: number, input: unknown): string =>
  origin === "array"
    ? `expected ${limit} ${value} ${value === 1 ? "entry" : "entries"}, got ${(input as unknown[]).length}`
    : `expected ${limit} ${value}, got ${show(input)}`;

const typeNames: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of settings",
};
const typeName = (type: string): string => typeNames[type] ?? type;

/** A value for an error message, cut to a length that fits on a line. */
function show(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** " (did you mean x?)" when a known word is near enough to be a slip. */
function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)[0];
  // Two edits are two swapped letters; in a word of three they are another word.
  const allowed = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  return near && near.edits <= allowed ? `; did you mean ${near.candidate}?` : "";
}

/** Of a union's branches, the one that the writer was after: the one whose own type the value already has. */
function closestBranch(branches: readonly (readonly Issue[])[], input: unknown): readonly Issue[] {
  const kind = (issues: readonly Issue[]) =>
    issues.find(({ path, code }) => path.length === 0 && code === "invalid_type");
  const fitting = branches.filter((issues) => !kind(issues));
  const [first] =
    typeof input === "string"
      ? fitting
      : fitting.filter((issues) => !issues.some(({ path, code }) => path.length === 0 && code === "invalid_value"));
  return first ?? branches[0] ?? [];
}

const lookUp = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/** The keys that a schema's object at `path` knows; through optional wrappers, lists and unions. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let candidates: z.core.$ZodType[] = [schema];
  for (const key of path) candidates = candidates.flatMap(spread).flatMap((type) => childOf(type, key));
  return [...new Set(candidates.flatMap(spread).flatMap((type) => Object.keys(defOf(type).shape ?? {})))];
}

interface Def {
  readonly innerType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly element?: z.core.$ZodType;
  readonly shape?: Record<string, z.core.$ZodType>;
}
const defOf = (type: z.core.$ZodType): Def => type._zod.def as unknown as Def;

function spread(type: z.core.$ZodType): z.core.$ZodType[] {
  const { innerType, options } = defOf(type);
  if (innerType) return spread(innerType);
  return options ? options.flatMap(spread) : [type];
}

function childOf(type: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  const { element, shape } = defOf(type);
  const child = typeof key === "number" ? element : shape?.[String(key)];
  return child ? [child] : [];
}
