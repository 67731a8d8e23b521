import { extname } from "node:path";
import type { z } from "zod";
import { readAtMost } from "../../src/lib/small-file.ts";
import type { Assets } from "../schema/core/asset.ts";
import { expandStage, Seed, type SeedValue, Stage } from "../schema/stage/stage.ts";
import { readSeedAssets, readStageAssets } from "./assets.ts";
import { maxBytes } from "./decode.ts";
import { explainIssues } from "./explain.ts";
import { ConfigError, formatPath } from "./problem.ts";
import { type Document, parseDocument } from "./yaml-document.ts";

/** A file that was read: `kind` by its name, `.yaml` or `.yml` for stage files, `.json` for seeds. */
export interface Loaded {
  readonly kind: "stage" | "seed";
  readonly seed: SeedValue;
  /** The bytes of every file that the seed names. */
  readonly assets: Assets;
}

/**
 * Reads and checks a stage file or a seed, and the pictures that it names. Throws ConfigError with every fault and its place,
 * also if the file cannot be read. Hold on to the result: one command reads a file once.
 */
export async function loadFile(file: string): Promise<Loaded> {
  const kind = kindOf(file);
  const document = parseDocument(file, await read(file));
  if (kind === "seed") {
    const seed = checked(document, Seed);
    return { kind, seed, assets: await readSeedAssets(file, document, Seed) };
  }
  const stage = checked(document, Stage);
  const { lookUp, assets } = await readStageAssets(file, document, Stage);
  return { kind, seed: expandStage(stage, lookUp), assets };
}

/** The seed in a file, for callers that need no pictures: a seed unchanged, a stage file expanded. Throws ConfigError. */
export const loadSeed = async (file: string): Promise<SeedValue> => (await loadFile(file)).seed;

function checked<Schema extends z.ZodType>(document: Document, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(document.value);
  if (result.success && document.faults.length === 0) return result.data;
  const issues = result.error?.issues ?? [];
  const unknown = new Set(
    issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => formatPath([...issue.path, key])) : [],
    ),
  );
  // The user will remove an unknown name with everything below it.
  const inWriting = document.faults.filter(({ path }) => !isAtOrBelow(path, unknown));
  const written = new Set(inWriting.map(({ path }) => path));
  // If a value has a syntax fault, its content is not the intended one.
  const inContent = explainIssues(document, schema, issues).filter(
    ({ path, message }) =>
      unknown.has(path) || !(written.has(path) || (message.startsWith("missing; ") && written.has(parentOf(path)))),
  );
  throw new ConfigError(document.problems([...inWriting, ...inContent]));
}

const isAtOrBelow = (path: string, names: ReadonlySet<string>): boolean =>
  [...path.matchAll(/[.[]|$/g)].some(({ index }) => names.has(path.slice(0, index)));

const parentOf = (path: string): string => path.replace(/(?:^|\.)[^.[\]]*$|\[\d+\]$/, "");

function kindOf(file: string): Loaded["kind"] {
  const extension = extname(file);
  if (extension === ".json") return "seed";
  if (extension === ".yaml" || extension === ".yml") return "stage";
  throw problemOf(file, "expected a stage file (.yaml) or a seed (.json), by its name");
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readAtMost(file, maxBytes + 1);
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
