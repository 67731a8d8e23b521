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

const root = fileURLToPath(new URL("..", import.meta.url));

/** Generated files by their paths below `generated/`. */
type Files = ReadonlyMap<string, string | Uint8Array>;

/** Every generated file. Reads the schema's sources, the stage files and the files that they name; writes nothing. */
async function generate(): Promise<Files> {
  const docs = readDocs(join(root, "codegen/schema"), seedFields);
  const stage = annotatedSchema(Stage, docs.Stage);
  const seed = annotatedSchema(Seed, docs.Seed);
  const settingPaths = new Set(seedFields.map(({ path }) => path));
  return new Map<string, string | Uint8Array>([
    ["options.nix", emitOptionsNix(seed, (path) => settingPaths.has(path))],
    ["since.nix", emitSinceNix(seedFields)],
    ["stage.schema.json", emitStageSchema(stage)],
    ["seed.d.ts", await emitSeedTypes(seed)],
    ["settings.md", emitSettingsMd(stage, seedFields)],
    ...(await generateSeeds()),
  ]);
}

/** Each stage file's seed, and beside it, in a folder of the stage's name, the files that it names. */
async function generateSeeds(): Promise<[string, string | Uint8Array][]> {
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

/** The differences between `generated/` and the output of codegen, one line for each file. */
async function findDrift(wanted: Files): Promise<string[]> {
  const folder = join(root, "generated");
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

async function write(wanted: Files): Promise<void> {
  const folder = join(root, "generated");
  for (const path of await listFiles(folder)) if (!wanted.has(path)) await rm(join(folder, path));
  for (const [path, content] of wanted) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
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
    `${drift.join("\n")}\ngenerated/ does not match the schema and the stage files; run: npm run codegen\n`,
  );
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 65;
});
