import { Seed as SeedSchema } from "../../../codegen/schema/stage/stage.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";

/**
 * The seed with the stage's public address as the command line gives it, if it does. Throws CliError 64 for an address that is none,
 * and for a seed that wants to be found (directory, federation) without one: Owncast would announce an empty address.
 */
export function withServerUrl(seed: Seed, given: string | undefined): Seed {
  const result = SeedSchema.safeParse(given === undefined ? seed : { ...seed, serverUrl: given });
  if (!result.success) throw new CliError(ExitCode.usage, `--server-url ${given}: ${result.error.issues[0]?.message}`);
  const { serverUrl, instance, federation } = result.data;
  const wanting = [
    ...(instance?.directory ? ["instance.directory"] : []),
    ...(federation?.enabled ? ["federation.enabled"] : []),
  ];
  if (serverUrl !== undefined || wanting.length === 0) return result.data;
  throw new CliError(
    ExitCode.usage,
    `${wanting.join(" and ")} needs the stage's public address`,
    "give it with --server-url https://live.example.org (in a seed: serverUrl)",
  );
}
