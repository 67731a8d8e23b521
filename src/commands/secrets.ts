import { join } from "node:path";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { interpreterKeyName, rehearsalTokenName } from "../../codegen/schema/core/secret-ref.ts";
import { findStage, type HostStage } from "../host/installed-stages.ts";
import { secretRows, secretTable } from "../host/secret-rows.ts";
import { readStageSecrets } from "../host/stage-target.ts";
import { codeOf, fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";
import { makeSecrets, stageSecretNames } from "../owncast/seed/secrets.ts";
import { rehearsalTokenIn } from "../viewer/rehearsal-token.ts";
import { examples, type Verb } from "./verb.ts";

interface SecretsOptions {
  readonly make?: true;
  readonly seed?: string;
  readonly folder?: string;
  readonly except?: readonly string[];
  readonly json?: true;
}

/** `lectern secrets`: where a stage's secrets are, never their values. */
export const verb: Verb<SecretsOptions> = {
  configure(command) {
    command
      .argument("[stage]", "a stage of this host")
      .option(
        "--make",
        "make missing secrets: admin password, stream keys, rehearsal token, interpreters' keys and captioners' tokens (Lectern cannot make others)",
      )
      .option("--seed <file>", "with --make: a seed (.json) or a stage file (.yaml)")
      .option(
        "--folder <folder>",
        "with --make: the folder for the files, one per secret; only their owner can read them",
      )
      .option("--except <name...>", "with --make: secrets not to make, because they are elsewhere")
      .option("--json", "print the paths as JSON")
      .addHelpText(
        "after",
        `\nPrints paths, never values. Exits 1 if a secret is missing or not usable. To read one: sudo cat its file.\n${examples(
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
      "lectern secrets STAGE shows where they are, lectern secrets --make --seed FILE --folder DIR makes them",
    );
  const stage = await findStage(name);
  const seed = await loadSeed(stage.seed);
  const rows = await secretRows(stage, seed);
  process.stdout.write(json ? `${JSON.stringify({ stage: name, secrets: rows }, null, 2)}\n` : secretTable(rows));
  // Throws if a secret is not usable.
  await readStageSecrets(stage, seed);
  for (const own of stageSecretNames(seed)) await ensureOwn(stage, own);
  return ExitCode.done;
}

/** Throws CliError 1 if one of the stage's own secrets cannot be used. */
async function ensureOwn({ name: stage, secrets, units }: HostStage, secret: string): Promise<void> {
  const file = secrets[secret]?.file ?? secret;
  const isToken = secret === rehearsalTokenName;
  await (isToken ? rehearsalTokenIn(file) : readSecretFile(file)).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    const role = isToken ? "rehearsal" : ownerOf(secret);
    const remedy = `remove the file if Lectern made it, or else put a ${isToken ? "token" : "secret"} into it`;
    const unit = units?.[role] ?? `lectern-${stage}-${role === "gateKeys" ? "gate-keys" : role}`;
    throw new CliError(ExitCode.failed, `${file}: ${error.message}`, `${remedy}; then systemctl restart ${unit}`);
  });
}

/** The role of the unit that reads a secret of the captions. */
const ownerOf = (secret: string): string => (secret.startsWith(interpreterKeyName("")) ? "gateKeys" : "captions");

async function make(name: string | undefined, { seed: file, folder, except, json }: SecretsOptions): Promise<ExitCode> {
  if (name !== undefined || file === undefined || folder === undefined)
    throw new CliError(
      ExitCode.usage,
      "--make takes --seed and --folder, and no stage",
      "on a host, the unit lectern-STAGE-secrets makes them; systemctl start runs it again",
    );
  const made = await makeSecrets(await loadSeed(file), folder, except).catch((error: unknown) => {
    if (error instanceof CliError || codeOf(error) === "") throw error;
    const remedy = "--folder takes a folder that this user may write, on a disk with free space; then run it again";
    throw new CliError(ExitCode.failed, `${folder}: cannot be written (${fileFault(error)})`, remedy);
  });
  const files = made.map((one) => join(folder, one));
  process.stdout.write(
    json ? `${JSON.stringify({ made: files }, null, 2)}\n` : files.map((one) => `${one}\n`).join(""),
  );
  return ExitCode.done;
}
