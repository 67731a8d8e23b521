import { loadFile } from "../../../codegen/load/load-seed.ts";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { SecretLookup } from "../../../codegen/schema/core/registry.ts";
import { owncastSeed } from "../../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readSecrets, type SecretFiles } from "./secrets.ts";

/** The desired state of a server: a seed, the files that it names, and its secrets. */
export interface SeedWithSecrets {
  readonly seed: Seed;
  /** The bytes of the files that the seed names. */
  readonly assets?: Assets;
  readonly reveal: SecretLookup;
}

export interface SeedSource {
  /** A seed (.json) or a stage file (.yaml). */
  readonly file: string;
  readonly secrets: SecretFiles;
  /** The stage's public address; it replaces the seed's. */
  readonly serverUrl?: string | undefined;
  /** The stage's public address if the seed has none. */
  readonly usualServerUrl?: string | undefined;
}

/** Reads a seed and its secrets. Throws ConfigError for a bad file, and CliError as `withServerUrl` and `readSecrets` do. */
export async function readSeedWithSecrets(source: SeedSource): Promise<Required<SeedWithSecrets>> {
  const { file, secrets, serverUrl, usualServerUrl } = source;
  const { seed: written, assets } = await loadFile(file);
  const seed = withServerUrl(written, serverUrl ?? written.serverUrl ?? usualServerUrl);
  return { seed, assets, reveal: await readSecrets(seed, secrets) };
}

/**
 * The seed with this public address, if one is given. Throws CliError 64 for an address that is none. Also for a seed with
 * directory or federation that has no address: Owncast would announce an empty one.
 */
export function withServerUrl(seed: Seed, given: string | undefined): Seed {
  const serverUrl = given ?? seed.serverUrl;
  if (serverUrl !== undefined) {
    const { error } = owncastSeed.shape.serverUrl.safeParse(serverUrl);
    if (error) throw new CliError(ExitCode.usage, `--server-url ${serverUrl}: ${error.issues[0]?.message}`);
    return { ...seed, serverUrl };
  }
  const needing = [
    ...(seed.instance?.directory ? ["instance.directory"] : []),
    ...(seed.federation?.enabled ? ["federation.enabled"] : []),
  ];
  if (needing.length === 0) return seed;
  throw new CliError(
    ExitCode.usage,
    `${needing.join(" and ")} needs the stage's public address`,
    "give it with --server-url https://live.example.org (in a seed: serverUrl)",
  );
}
