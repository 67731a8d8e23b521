import type { Command } from "commander";
import { loadFile } from "../../../codegen/load/load-seed.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readSeconds } from "../../lib/option-values.ts";
import { withServerUrl } from "../seed/read-seed.ts";
import { readSecrets } from "../seed/secrets.ts";
import { warningsOf } from "../seed/warnings.ts";
import type { Target } from "./apply.ts";

/** What plan and apply are told on the command line. */
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
    .option(
      "--state-dir <folder>",
      "where apply leaves access tokens that Owncast makes, and the admin password that it set, which lets it change it again",
    )
    .option("--deadline <seconds>", "how long to wait for a server that does not answer, and for another apply", "30")
    .option("--server-url <url>", "the stage's public address, for directory and federation")
    .option("--json", "print the changes as JSON");
}

/** Reads the seed and its secrets. Throws ConfigError, or CliError for bad options (64) and missing secrets (1). */
export async function readTarget(options: TargetOptions): Promise<Target> {
  const { seed: file, url, secrets, deadline, stateDir, serverUrl } = options;
  ensureServerAddress(url);
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

/** Refuses what is not the bare address of a server; what may be a password is not said again. Throws CliError 64. */
export function ensureServerAddress(url: string): void {
  const wanted = "expected an address such as http://127.0.0.1:8080";
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError(ExitCode.usage, `--url ${/[@?]/.test(url) ? "…" : url}: ${wanted}`);
  const { username, password, pathname, search, hash, host } = new URL(url);
  if (username !== "" || password !== "")
    throw new CliError(
      ExitCode.usage,
      `--url …@${host}: an address without user and password; everybody on this machine could read them there`,
      "the admin password is the file that the seed names, in the folder of --secrets",
    );
  if (pathname !== "/" || search !== "" || hash !== "")
    throw new CliError(ExitCode.usage, `--url …${host}…: ${wanted}, with nothing after the port`);
}
