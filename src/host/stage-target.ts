import type { Command } from "commander";
import type { SecretLookup } from "../../codegen/schema/core/registry.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import type { Target } from "../owncast/apply/session.ts";
import { ensureServerAddress } from "../owncast/client/client.ts";
import { readSeedWithSecrets } from "../owncast/seed/read-seed.ts";
import { readSecrets } from "../owncast/seed/secrets.ts";
import { warningsOf } from "../owncast/seed/warnings.ts";
import { asRoot, findStage, type HostStage, isRoot } from "./installed-stages.ts";

/** The options of `plan` and `apply`: either a stage of this host, or `seed`, `url` and `secrets`. */
export interface TargetOptions {
  readonly seed?: string;
  readonly url?: string;
  readonly secrets?: string;
  readonly deadline: string;
  readonly serverUrl?: string;
  readonly stateDir?: string;
  readonly json?: true;
}

/** Declares the options that `plan` and `apply` share. */
export function targetOptions(command: Command): Command {
  return command
    .argument("[stage]", "a stage of this host; anywhere else give --seed, --url and --secrets")
    .option("--seed <file>", "a seed (.json) or a stage file (.yaml)")
    .option("--url <url>", "Owncast's own address, such as http://127.0.0.1:8080")
    .option("--secrets <folder>", "the folder with one file per secret")
    .option("--state-dir <folder>", "folder for access tokens and for the last applied admin password")
    .option("--deadline <seconds>", "how long to wait for a server that does not respond, and for another apply", "30")
    .option("--server-url <url>", "the stage's public address, for directory and federation")
    .option("--json", "print the changes as JSON");
}

const needed = { seed: "--seed", url: "--url", secrets: "--secrets" } as const;
const named = { ...needed, serverUrl: "--server-url", stateDir: "--state-dir" } as const;

/**
 * The target that the command line names, with its warnings printed. Throws ConfigError for a bad seed, and CliError: 64 for
 * bad options or an unknown stage, 1 for missing secrets.
 */
export async function readTarget(stageName: string | undefined, options: TargetOptions): Promise<Target> {
  const { file, target } =
    stageName === undefined ? await targetOfOptions(options) : await targetOfStage(stageName, options);
  for (const warning of warningsOf(target.seed)) process.stderr.write(`${file}: warning: ${warning}\n`);
  return target;
}

async function targetOfOptions(options: TargetOptions): Promise<{ file: string; target: Target }> {
  const { seed: file, url, secrets, deadline, serverUrl, stateDir } = options;
  if (file === undefined || url === undefined || secrets === undefined) {
    const missing = Object.entries(needed).flatMap(([key, option]) => (key in options ? [] : [option]));
    throw new CliError(
      ExitCode.usage,
      `missing: ${missing.join(", ")}`,
      "give these options, or on a host the name of one of its stages",
    );
  }
  ensureServerAddress(url);
  const deadlineSeconds = readSeconds("--deadline", deadline);
  const seed = await readSeedWithSecrets({ file, secrets, serverUrl });
  return { file, target: { ...seed, url, deadlineSeconds, ...(stateDir !== undefined && { stateDir }) } };
}

async function targetOfStage(name: string, options: TargetOptions): Promise<{ file: string; target: Target }> {
  const surplus = Object.entries(named).flatMap(([key, option]) => (key in options ? [option] : []));
  if (surplus.length > 0)
    throw new CliError(
      ExitCode.usage,
      `stage "${name}" and ${surplus.join(", ")} exclude each other`,
      "an installed stage has its own values for these: leave out the options, or the stage's name",
    );
  const stage = await findStage(name);
  return { file: stage.seed, target: await stageTarget(stage, options.deadline) };
}

/** An installed stage's seed and secrets, each from its own path. Throws ConfigError, and CliError 1 if a secret is not usable. */
export async function stageTarget(stage: HostStage, deadline: string): Promise<Target> {
  const { seed: file, serverUrl: usualServerUrl, owncastUrl: url, stateDir } = stage;
  const seed = await readSeedWithSecrets({ file, usualServerUrl, secrets: pathOfSecret(stage) }).catch(unlessRoot);
  return { ...seed, url, stateDir, deadlineSeconds: readSeconds("--deadline", deadline) };
}

/** A stage's secrets, each from its own path. Throws one CliError that names all that are missing or not usable, without their values. */
export const readStageSecrets = (stage: HostStage, seed: Seed): Promise<SecretLookup> =>
  readSecrets(seed, pathOfSecret(stage)).catch(unlessRoot);

const pathOfSecret =
  ({ secrets }: HostStage) =>
  (name: string): string | undefined =>
    secrets[name]?.file;

/** Throws the error again. If secrets are not usable and this is not root, the remedy is to be root. */
function unlessRoot(error: unknown): never {
  if (isRoot() || !(error instanceof CliError) || error.exitCode !== ExitCode.failed) throw error;
  throw new CliError(error.exitCode, error.message, asRoot);
}
