import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { writePrivateFile } from "../lib/private-file.ts";
import { makeSecrets, outsideSecretNames, readSecrets, secretNames } from "../owncast/seed/secrets.ts";

/**
 * Puts every secret of the seed into the demo's own folder: those that a person gave, and new ones for what Lectern can make
 * and nobody gave. Throws CliError 1 that names each file of theirs that is missing or unusable; it never holds a value.
 */
export async function gatherSecrets(seed: Seed, folder: string, givenDir?: string) {
  const outside = outsideSecretNames(seed);
  const given = secretNames(seed).filter(
    (name) => givenDir !== undefined && (outside.includes(name) || existsSync(join(givenDir, name))),
  );
  await makeSecrets(seed, folder, given);
  const reveal = await readSecrets(seed, (name) => join(given.includes(name) ? (givenDir ?? "") : folder, name));
  for (const name of given) await writePrivateFile(join(folder, name), `${reveal(name)}\n`);
  return reveal;
}
