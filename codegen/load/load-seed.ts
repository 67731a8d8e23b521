import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { z } from "zod";
import { expandStage, Seed, type SeedValue, Stage } from "../schema/stage.ts";
import { explainIssues } from "./explain.ts";
import { ConfigError } from "./problem.ts";
import { parseDocument } from "./yaml-document.ts";

/** A file that was read: `kind` by its name, `.yaml` or `.yml` for stage files, `.json` for seeds. */
export interface Loaded {
  readonly kind: "stage" | "seed";
  readonly seed: SeedValue;
}

/**
 * Reads a stage file or a seed and checks it. Throws ConfigError with every fault and its place,
 * also when the file cannot be read.
 */
export async function loadFile(file: string): Promise<Loaded> {
  const kind = kindOf(file);
  const document = parseDocument(file, await read(file));
  if (kind === "seed") return { kind, seed: checked(file, document, Seed) };
  return { kind, seed: expandStage(checked(file, document, Stage)) };
}

/** The seed in a file: a seed as it is, a stage file expanded. Throws ConfigError. */
export const loadSeed = async (file: string): Promise<SeedValue> => (await loadFile(file)).seed;

function checked<Schema extends z.ZodType>(
  file: string,
  document: ReturnType<typeof parseDocument>,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  const problems = explainIssues(file, document, schema, result.error.issues);
  throw new ConfigError(problems.sort((a, b) => a.line - b.line || a.column - b.column));
}

function kindOf(file: string): Loaded["kind"] {
  const extension = extname(file);
  if (extension === ".json") return "seed";
  if (extension === ".yaml" || extension === ".yml") return "stage";
  throw problemOf(file, "expected a stage file (.yaml) or a seed (.json), by its name");
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: "no such file",
      EACCES: "may not be read by this user",
      EISDIR: "is a folder, not a file",
    };
    throw problemOf(file, reasons[code ?? ""] ?? `cannot be read (${code})`);
  }
}

const problemOf = (file: string, message: string): ConfigError =>
  new ConfigError([{ file, line: 1, column: 1, path: "", message }]);
