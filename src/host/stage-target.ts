import { loadFile } from "../../codegen/load/load-seed.ts";
import type { SecretLookup } from "../../codegen/schema/core/registry.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import type { Target } from "../owncast/apply/apply.ts";
import { readTarget, type TargetOptions } from "../owncast/apply/target.ts";
import { withServerUrl } from "../owncast/seed/read-seed.ts";
import { readSecrets } from "../owncast/seed/secrets.ts";
import { warningsOf } from "../owncast/seed/warnings.ts";
import { asRoot, findStage, type HostStage, isRoot } from "./installed-stages.ts";

/** What plan and apply are told: a stage of this host, or each thing by itself. */
export type ChosenOptions = Partial<TargetOptions> & Pick<TargetOptions, "deadline">;

const options = { seed: "--seed", url: "--url", secrets: "--secrets" } as const;

/**
 * The stage of this host that was named, else what --seed, --url and --secrets say. Throws CliError 64 for both or neither,
 * and as `findStage`, `stageTarget` and `readTarget` do.
 */
export async function chooseTarget(stageName: string | undefined, given: ChosenOptions): Promise<Target> {
  const { seed, url, secrets } = given;
  if (stageName === undefined) {
    if (seed !== undefined && url !== undefined && secrets !== undefined)
      return readTarget({ ...given, seed, url, secrets });
    const missing = Object.entries(options).flatMap(([key, option]) => (key in given ? [] : [option]));
    throw new CliError(ExitCode.usage, `missing: ${missing.join(", ")}`, "name these, or on a host one of its stages");
  }
  const own = Object.entries({ ...options, serverUrl: "--server-url", stateDir: "--state-dir" });
  const surplus = own.flatMap(([key, option]) => (key in given ? [option] : []));
  if (surplus.length > 0)
    throw new CliError(
      ExitCode.usage,
      `stage "${stageName}" and ${surplus.join(", ")} exclude each other`,
      "an installed stage has all of that written down: leave the options out, or the stage's name",
    );
  const stage = await findStage(stageName);
  const target = await stageTarget(stage, given.deadline);
  for (const warning of warningsOf(target.seed)) process.stderr.write(`${stage.seed}: warning: ${warning}\n`);
  return target;
}

/** A stage's seed and its secrets, each from its own path. Throws ConfigError, and CliError when a secret is not usable. */
export async function stageTarget(stage: HostStage, deadline: string): Promise<Target> {
  const { seed: written, assets } = await loadFile(stage.seed);
  const seed = withServerUrl(written, written.serverUrl === undefined ? stage.serverUrl : undefined);
  const reveal = await readStageSecrets(stage, seed);
  const { owncastUrl: url, stateDir } = stage;
  return { seed, assets, url, reveal, stateDir, deadlineSeconds: readSeconds("--deadline", deadline) };
}

/** A stage's secrets, each from its own path. Throws one CliError that names all that are missing or unusable; it never holds a value. */
export const readStageSecrets = ({ secrets }: HostStage, seed: Seed): Promise<SecretLookup> =>
  readSecrets(seed, (name) => secrets[name]?.file).catch((error: unknown) => {
    if (isRoot() || !(error instanceof CliError)) throw error;
    throw new CliError(error.exitCode, error.message, asRoot);
  });
