import type { Command } from "commander";
import { loadFile } from "../../codegen/load/load-seed.ts";
import { CliError, ExitCode } from "../errors.ts";
import { warningsOf } from "../warnings.ts";
import type { Target } from "./apply.ts";
import { readSecrets } from "./secrets.ts";
import { withServerUrl } from "./server-url.ts";

/** What plan and apply are told on the command line; the state folder only apply. */
export interface TargetOptions {
  readonly seed: string;
  readonly url: string;
  readonly secrets: string;
  readonly deadline: string;
  readonly serverUrl?: string;
  readonly stateDir?: string;
  readonly json?: true;
}

/** The options that plan and apply share. */
export function targetOptions(command: Command): Command {
  return command
    .argument("[stage]", "a stage of this host; anywhere else --seed, --url and --secrets")
    .option("--seed <file>", "a seed (.json) or a stage file (.yaml)")
    .option("--url <url>", "Owncast's own address, such as http://127.0.0.1:8080")
    .option("--secrets <folder>", "the folder with one file per secret")
    .option("--deadline <seconds>", "how long to wait for a server that does not answer yet", "30")
    .option("--server-url <url>", "the stage's public address, for directory and federation")
    .option("--json", "print the changes as JSON");
}

/** Reads the seed and its secrets. Throws ConfigError, or CliError for bad options (64) and missing secrets (1). */
export async function readTarget(options: TargetOptions): Promise<Target> {
  const { seed: file, url, secrets, deadline, stateDir, serverUrl } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError(ExitCode.usage, `--url ${url}: expected an address such as http://127.0.0.1:8080`);
  const { seed: written, assets } = await loadFile(file);
  const seed = withServerUrl(written, serverUrl);
  for (const warning of warningsOf(seed)) process.stderr.write(`${file}: warning: ${warning}\n`);
  return {
    seed,
    assets,
    url,
    reveal: await readSecrets(seed, secrets),
    deadlineSeconds: readSeconds("--deadline", deadline),
    ...(stateDir !== undefined && { stateDir }),
  };
}

/** A positive number of seconds from the command line. Throws CliError 64. */
export function readSeconds(option: string, text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new CliError(ExitCode.usage, `${option} ${text}: expected a number of seconds above 0`);
}
