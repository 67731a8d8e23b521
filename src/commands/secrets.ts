import { join } from "node:path";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { findStage } from "../host/installed-stages.ts";
import { secretRows, secretTable } from "../host/secret-rows.ts";
import { readStageSecrets } from "../host/stage-target.ts";
import { codeOf, fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { makeSecrets } from "../owncast/seed/secrets.ts";
import { examples, type Verb } from "./verb.ts";

interface SecretsOptions {
  readonly make?: true;
  readonly seed?: string;
  readonly folder?: string;
  readonly except?: readonly string[];
  readonly json?: true;
}

/** `lectern secrets`: where a stage's secrets lie, never what they are. */
export const verb: Verb<SecretsOptions> = {
  configure(command) {
    command
      .argument("[stage]", "a stage of this host")
      .option("--make", "make the secrets that are missing and that Lectern can make: admin password and stream keys")
      .option("--seed <file>", "with --make: a seed (.json) or a stage file (.yaml)")
      .option("--folder <folder>", "with --make: where the files lie, one per secret, for their owner alone")
      .option("--except <name...>", "with --make: secrets that lie elsewhere")
      .option("--json", "print the paths as JSON")
      .addHelpText(
        "after",
        `\nPrints paths, never values. Exits 1 when a secret is missing or not usable. To read one: sudo cat its file.\n${examples(
          "lectern secrets main",
          "lectern secrets --make --seed main.yaml --folder ./secrets",
        )}`,
      );
  },
  run: ([name], options) => (options.make ? make(name, options) : show(name, options)),
};

async function show(name: string | undefined, { seed: file, folder, except, json }: SecretsOptions): Promise<ExitCode> {
  if (name === undefined || file !== undefined || folder !== undefined || except !== undefined)
    throw new CliError(
      ExitCode.usage,
      name === undefined ? "missing: a stage of this host" : "--seed, --folder and --except go with --make",
      "lectern secrets STAGE shows where they lie, lectern secrets --make --seed FILE --folder DIR makes them",
    );
  const stage = await findStage(name);
  const seed = await loadSeed(stage.seed);
  const rows = await secretRows(stage, seed);
  process.stdout.write(json ? `${JSON.stringify({ stage: name, secrets: rows }, null, 2)}\n` : secretTable(rows));
  // Says which are not usable, and why, without their values.
  await readStageSecrets(stage, seed);
  return ExitCode.done;
}

async function make(name: string | undefined, { seed: file, folder, except, json }: SecretsOptions): Promise<ExitCode> {
  if (name !== undefined || file === undefined || folder === undefined)
    throw new CliError(
      ExitCode.usage,
      "--make wants --seed and --folder, and no stage",
      "on a host the unit lectern-STAGE-secrets does it by itself; systemctl start runs it again",
    );
  const made = await makeSecrets(await loadSeed(file), folder, except).catch((error: unknown) => {
    if (error instanceof CliError || codeOf(error) === "") throw error;
    const remedy = "--folder wants a folder that this user may write, with room on its disk; then run it again";
    throw new CliError(ExitCode.failed, `${folder}: cannot be written (${fileFault(error)})`, remedy);
  });
  const files = made.map((one) => join(folder, one));
  process.stdout.write(
    json ? `${JSON.stringify({ made: files }, null, 2)}\n` : files.map((one) => `${one}\n`).join(""),
  );
  return ExitCode.done;
}
