import type { z } from "zod";
import { valueAt } from "../schema/core/paths.ts";
import { seedFields } from "../schema/stage/stage.ts";
import { explainIssue, rootIssue, suggestion } from "./issue-message.ts";
import { oneLine } from "./printable.ts";
import { formatPath } from "./problem.ts";
import { isGoodAt, knownKeys } from "./schema-keys.ts";
import type { Fault } from "./text-positions.ts";
import type { Document } from "./yaml-document.ts";

type Issue = z.core.$ZodIssue;

/** zod's issues as faults with a place and a remedy. An unknown key is reported at the key. */
export function explainIssues(document: Document, schema: z.ZodType, issues: readonly Issue[]): Fault[] {
  return issues
    .filter((issue) => !isLesserBound(issue, issues))
    .flatMap((issue) => explainOne(document, schema, issue))
    .map((fault) => ({ ...fault, message: oneLine(fault.message) }));
}

function explainOne(document: Document, schema: z.ZodType, issue: Issue): Fault[] {
  const { path } = issue;
  const input = valueAt(document.value, path);
  if (issue.code === "unrecognized_keys") return unknownKeys(document, schema, issue);
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1));
    const [fault] = issue.issues;
    const dashes = key.startsWith("--") ? "; leave the leading dashes out" : "";
    const message = fault ? explainIssue(fault, key, false) + dashes : "no such name";
    return [{ offset: document.offsetOfKey(path.slice(0, -1), key), path: formatPath(path), message }];
  }
  if (issue.code === "invalid_union") {
    const branch = closestBranch(issue.errors, input);
    if (branch) {
      const nested = branch.map((inner) => ({ ...inner, path: [...path, ...inner.path] }) as Issue);
      return explainIssues(document, schema, nested);
    }
  }
  const message = explainIssue(issue, input, mayBeSecret(schema, issue)) + writingHint(document, schema, path, input);
  return [{ offset: document.offsetAt(path), path: formatPath(path), message }];
}

/** A hint if YAML read a value differently from what its writer meant, and the file shows it. */
function writingHint(document: Document, schema: z.ZodType, path: readonly PropertyKey[], input: unknown): string {
  if (input === null) {
    // `# text`, with a space, is a real comment.
    if (/^[^#]*[:-]\s+#[^\s#]/.test(document.lineOf(path))) return "; `#` starts a comment: put the value in quotes";
    const isWritten = /^(?:~|null)\b|^~/i.test(document.sourceAt(path));
    return isWritten && isGoodAt(schema, path, "null") ? "; put it in quotes if it is the text" : "";
  }
  if (typeof input !== "string" || !input.endsWith("\n")) return "";
  const [sign] = /^[|>]/.exec(document.sourceAt(path)) ?? [];
  if (sign === undefined || !isGoodAt(schema, path, input.trimEnd())) return "";
  return `; write \`${sign}-\` for a text that ends without a line break`;
}

function unknownKeys(document: Document, schema: z.ZodType, issue: z.core.$ZodIssueUnrecognizedKeys): Fault[] {
  const known = knownKeys(schema, issue.path);
  const former = issue.path.length === 0 ? formerFile(issue.keys) : [];
  const [first] = former;
  return [
    ...(first === undefined ? [] : [{ offset: document.offsetOfKey([], first), path: first, message: ofFormerFile }]),
    ...issue.keys
      .filter((key) => !former.includes(key))
      .map((key) => ({
        offset: document.offsetOfKey(issue.path, key),
        path: formatPath([...issue.path, key]),
        message: `no such setting${suggestion(key, known) || `; known here: ${known.join(", ")}`}`,
      })),
  ];
}

// Until 2021 Owncast read a config.yaml. Only its keys show that this file is one.
const formerAreas: readonly string[] = ["instanceDetails", "videoSettings"];
const otherFormerKeys = ["chatDatabaseFile", "ffmpegPath", "files", "rtmpServerPort", "s3", "webServerPort", "yp"];
const ofFormerFile =
  "this is the config.yaml of an old Owncast, not a stage file; `lectern export` writes a stage file from a running Owncast";

const formerFile = (keys: readonly string[]): string[] =>
  keys.some((key) => formerAreas.includes(key))
    ? keys.filter((key) => [...formerAreas, ...otherFormerKeys].includes(key))
    : [];

/** The branch of a union that the writer meant: the one whose type the value has. */
const closestBranch = (branches: readonly (readonly Issue[])[], input: unknown): readonly Issue[] | undefined =>
  branches.find((issues) => rootIssue(issues).length === 0) ??
  // For a text, the branch that lists words, so that a similar word can be suggested.
  (typeof input === "string"
    ? branches.find((issues) => rootIssue(issues).some(({ code }) => code === "invalid_value"))
    : undefined);

/** zod reports a number beyond 2^53 twice; the setting's own limit is more useful. */
const isLesserBound = (issue: Issue, all: readonly Issue[]): boolean =>
  issue.code === "too_big" &&
  issue.maximum === Number.MAX_SAFE_INTEGER &&
  all.some((other) => other !== issue && other.code === "too_big" && `${other.path}` === `${issue.path}`);

const secretSettings = seedFields.filter(({ meta }) => "secret" in meta).map(({ path }) => path);

/** Whether a person may have written the secret itself in place of its name, or of the mapping or list with its name. */
function mayBeSecret(schema: z.ZodType, issue: Issue): boolean {
  if (knownKeys(schema, issue.path).includes("secret")) return true;
  const written = formatPath(issue.path);
  const holdsName = issue.code === "invalid_type" && (issue.expected === "object" || issue.expected === "array");
  return (
    (holdsName || issue.path.at(-1) === "secret") &&
    secretSettings.some((setting) => `${written}.`.startsWith(`${setting}.`) || written.startsWith(`${setting}[`))
  );
}
