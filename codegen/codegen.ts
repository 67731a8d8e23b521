import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDocs } from "./emit/docs.ts";
import { annotatedSchema, emitStageSchema } from "./emit/json-schema.ts";
import { emitOptionsNix, emitSinceNix } from "./emit/options-nix.ts";
import { emitSeedTypes } from "./emit/seed-types.ts";
import { emitSettingsMd } from "./emit/settings-md.ts";
import { loadFile } from "./load/load-seed.ts";
import { ConfigError } from "./load/problem.ts";
import { Seed, Stage, seedFields } from "./schema/stage/stage.ts";
import { siteFiles } from "./site/emit.ts";

const schema = fileURLToPath(new URL("schema", import.meta.url));

/** Generated files by their paths below `generated/`. */
type Files = ReadonlyMap<string, string | Uint8Array>;

/** Every generated file. Reads the stage files, what they name and the schema's sources; writes nothing. */
async function generate(root: string, docsOfSchema: () => SchemaDocs): Promise<Files> {
  // First what is read fast and may be wrong.
  const seeds = await generateSeeds(root);
  const docs = docsOfSchema();
  const stage = annotatedSchema(Stage, docs.Stage);
  const seed = annotatedSchema(Seed, docs.Seed);
  const settingPaths = new Set(seedFields.map(({ path }) => path));
  return new Map<string, string | Uint8Array>([
    ["options.nix", emitOptionsNix(seed, (path) => settingPaths.has(path))],
    ["since.nix", emitSinceNix(seedFields)],
    ["stage.schema.json", emitStageSchema(stage)],
    ["seed.d.ts", await emitSeedTypes(seed)],
    ["settings.md", emitSettingsMd(stage, seedFields)],
    ...siteFiles(),
    ...seeds,
  ]);
}

/** Each stage file's seed, and beside it, in a folder of the stage's name, the files that it names. */
async function generateSeeds(root: string): Promise<[string, string | Uint8Array][]> {
  const files = (await listFiles(join(root, "hosts")))
    .filter((file) => /^[^/]+\/stages\/[^/]+\.yaml$/.test(file))
    .sort();
  const problems: ConfigError[] = [];
  const seeds = await Promise.all(
    files.map(async (file): Promise<[string, string | Uint8Array][]> => {
      const [host, , stage] = file.replace(/\.yaml$/, "").split("/");
      // Named from the repository's root, as a person in it would.
      const loaded = await loadFile(join("hosts", file)).catch((error: unknown) => {
        if (!(error instanceof ConfigError)) throw error;
        problems.push(error);
      });
      if (!loaded) return [];
      const { seed, assets } = loaded;
      return [
        [`seeds/${host}/${stage}.json`, `${JSON.stringify(seed, null, 2)}\n`],
        ...[...assets].map(([name, bytes]): [string, Uint8Array] => [`seeds/${host}/${stage}/${name}`, bytes]),
      ];
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems.flatMap((error) => error.problems));
  return seeds.flat();
}

/** Files below a folder, relative to it, with `/`. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** What stands between `generated/` and what codegen would write: one line a file. */
async function findDrift(folder: string, wanted: Files): Promise<string[]> {
  const present = await listFiles(folder);
  const drift = await Promise.all(
    [...wanted].map(async ([path, content]) => {
      if (!present.includes(path)) return [`missing:  generated/${path}`];
      const bytes = await readFile(join(folder, path));
      return bytes.equals(Buffer.from(content)) ? [] : [`stale:    generated/${path}`];
    }),
  );
  return [...drift.flat(), ...present.filter((path) => !wanted.has(path)).map((path) => `orphaned: generated/${path}`)];
}

async function write(folder: string, wanted: Files): Promise<void> {
  for (const path of await listFiles(folder)) if (!wanted.has(path)) await rm(join(folder, path));
  for (const [path, content] of wanted) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/**
 * Generates for a checkout, which becomes the working folder: writes, or with `check` only compares. Resolves to the exit code
 * and the lines for people.
 */
export async function codegen(
  root: string,
  { check, docs = readSchemaDocs }: { readonly check: boolean; readonly docs?: () => SchemaDocs },
): Promise<{ readonly code: number; readonly text: string }> {
  process.chdir(root);
  try {
    const wanted = await generate(root, docs);
    const folder = join(root, "generated");
    const drift = await findDrift(folder, wanted);
    const lines = drift.map((line) => `${line}\n`).join("");
    if (!check) await write(folder, wanted);
    if (drift.length === 0)
      return { code: 0, text: check ? "" : `generated/: nothing to do, ${wanted.size} files are current\n` };
    const end = check
      ? "generated/ does not match the schema and the stage files; run: npm run codegen"
      : `generated/: written, ${wanted.size} files`;
    return { code: check ? 1 : 0, text: `${lines}${end}\n` };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { code: 65, text: `${error.message}\n` };
  }
}

type SchemaDocs = ReturnType<typeof readDocs>;

/** The schema's documentation. It takes seconds to read. */
export const readSchemaDocs = (): SchemaDocs => readDocs(schema, seedFields);
