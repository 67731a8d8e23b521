import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { annotatedSchema } from "./annotated-schema.ts";
import { readDocs } from "./docs.ts";
import { emitOptionsNix } from "./emit/options-nix.ts";
import { emitSeedTypes } from "./emit/seed-types.ts";
import { emitSettingsMd } from "./emit/settings-md.ts";
import { emitStageSchema } from "./emit/stage-schema.ts";
import { loadSeed } from "./load/load-seed.ts";
import { ConfigError } from "./load/problem.ts";
import { fields } from "./schema/fields.ts";
import { Seed, Stage } from "./schema/stage.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Every generated file, by its path below `generated/`. Reads the schema's sources and the stage files; writes nothing. */
async function generate(): Promise<Map<string, string>> {
  const schemaFolder = join(root, "codegen/schema");
  const stage = annotatedSchema(Stage, readDocs(schemaFolder, "Stage"));
  const seed = annotatedSchema(Seed, readDocs(schemaFolder, "Seed"));
  const settingPaths = new Set(fields.map(({ path }) => path));
  return new Map([
    ["options.nix", emitOptionsNix(seed, (path) => settingPaths.has(path))],
    ["stage.schema.json", emitStageSchema(stage)],
    ["seed.d.ts", await emitSeedTypes(seed)],
    ["settings.md", emitSettingsMd(stage, fields)],
    ...(await generateSeeds()),
  ]);
}

async function generateSeeds(): Promise<[string, string][]> {
  const files = (await listFiles(join(root, "hosts")))
    .filter((file) => /^[^/]+\/stages\/[^/]+\.yaml$/.test(file))
    .sort();
  const problems: ConfigError[] = [];
  const seeds = await Promise.all(
    files.map(async (file): Promise<[string, string][]> => {
      const [host, , stage] = file.replace(/\.yaml$/, "").split("/");
      // Named from the repository's root, as a person in it would.
      const seed = await loadSeed(join("hosts", file)).catch((error: unknown) => {
        if (!(error instanceof ConfigError)) throw error;
        problems.push(error);
      });
      return seed ? [[`seeds/${host}/${stage}.json`, `${JSON.stringify(seed, null, 2)}\n`]] : [];
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
async function findDrift(wanted: ReadonlyMap<string, string>): Promise<string[]> {
  const folder = join(root, "generated");
  const present = await listFiles(folder);
  const drift = await Promise.all(
    [...wanted].map(async ([path, text]) => {
      if (!present.includes(path)) return [`missing:  generated/${path}`];
      return (await readFile(join(folder, path), "utf8")) === text ? [] : [`stale:    generated/${path}`];
    }),
  );
  return [...drift.flat(), ...present.filter((path) => !wanted.has(path)).map((path) => `orphaned: generated/${path}`)];
}

async function write(wanted: ReadonlyMap<string, string>): Promise<void> {
  const folder = join(root, "generated");
  for (const path of await listFiles(folder)) if (!wanted.has(path)) await rm(join(folder, path));
  for (const [path, text] of wanted) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function main(args: readonly string[]): Promise<number> {
  process.chdir(root);
  const wanted = await generate();
  const drift = await findDrift(wanted);
  if (!args.includes("--check")) {
    await write(wanted);
    process.stderr.write(
      drift.length === 0
        ? `generated/: nothing to do, ${wanted.size} files are current\n`
        : `${drift.join("\n")}\ngenerated/: written, ${wanted.size} files\n`,
    );
    return 0;
  }
  if (drift.length === 0) return 0;
  process.stderr.write(
    `${drift.join("\n")}\ngenerated/ is not what the schema and the stage files say; mend it with: npm run codegen\n`,
  );
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 65;
});
