import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SecretLookup } from "../../../codegen/schema/core/registry.ts";
import { captionsTokenName, interpreterKeyName, rehearsalTokenName } from "../../../codegen/schema/core/secret-ref.ts";
import { isCallable } from "../../../codegen/schema/owncast/webhook-address.ts";
import { type CaptionsSource, readCaptions } from "../../../codegen/schema/stage/captions.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { codeOf } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { withLock } from "../../lib/lock.ts";
import { readSecretFile, SecretFault } from "../../lib/secret-file.ts";
import { writeWhole } from "../../lib/whole-file.ts";

/** The names of Owncast's secrets that Lectern can make: the admin password first, then the stream keys, each once. */
export function ownSecretNames({ access: { adminPassword, streamKeys } }: Seed): string[] {
  return [...new Set([adminPassword.secret, ...streamKeys.map(({ secret }) => secret)])];
}

/** The names of the stage's secrets that Owncast never gets. Lectern can make them. */
export const stageSecretNames = (seed: Seed): string[] => [
  ...(seed.rehearsal?.enable ? [rehearsalTokenName] : []),
  ...readCaptions(seed).tracks.flatMap(({ language, source }) => captionsSecret[source]?.(language) ?? []),
];

const captionsSecret: Readonly<Partial<Record<CaptionsSource, (language: string) => string>>> = {
  interpreter: interpreterKeyName,
  push: captionsTokenName,
};

/** The names of all secrets that Owncast needs, each once. */
export const secretNames = (seed: Seed): string[] => [...new Set([...ownSecretNames(seed), ...secretsIn(seed)])];

/** The names of the secrets that Lectern cannot make: keys and addresses of other services. */
export function outsideSecretNames(seed: Seed): string[] {
  const own = ownSecretNames(seed);
  return secretNames(seed).filter((name) => !own.includes(name));
}

/** The names of the secrets in a value, at any depth. */
export function secretsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { secret } = value as { secret?: unknown };
  return [...(typeof secret === "string" ? [secret] : []), ...Object.values(value).flatMap(secretsIn)];
}

/** The place of secrets: a folder with a file for each, or the path of each by its name. */
export type SecretFiles = string | ((name: string) => string | undefined);

/**
 * Reads every secret that Owncast needs from its file (in a unit: the credentials directory's).
 * Throws one CliError that names all that are missing or unusable; it never holds a value.
 */
export async function readSecrets(seed: Seed, files: SecretFiles): Promise<SecretLookup> {
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (const name of secretNames(seed)) {
    const file = typeof files === "string" ? join(files, name) : files(name);
    if (file === undefined) {
      faults.push(`${name}: no file is named for it`);
      continue;
    }
    const value = await readSecretFile(file).catch((error: unknown) => {
      if (!(error instanceof SecretFault)) throw error;
      faults.push(`${file}: ${error.message}`);
    });
    if (value === undefined) continue;
    values.set(name, value);
  }
  faults.push(...sharedSecrets(seed, values), ...webhookFaults(seed, values));
  if (faults.length > 0) {
    const place = typeof files === "string" ? `in ${files} ` : "";
    const remedy = `make a file ${place}for each of ${secretNames(seed).join(", ")}, with that secret on one line`;
    throw new CliError(ExitCode.failed, `secrets are not usable:\n  ${faults.join("\n  ")}`, remedy);
  }
  return (name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the seed names no secret "${name}"`);
    return value;
  };
}

/** Publishers pass the stream key around: it must not open the admin page. */
function sharedSecrets({ access: { adminPassword, streamKeys } }: Seed, values: ReadonlyMap<string, string>): string[] {
  const password = values.get(adminPassword.secret);
  return streamKeys
    .filter(({ secret }) => password !== undefined && values.get(secret) === password)
    .map(
      ({ secret }) => `${secret}: is the same as ${adminPassword.secret}; a stream key must not open the admin page`,
    );
}

/** A webhook's address can be called, and no two webhooks share one: Lectern tells them apart by it. */
function webhookFaults({ integrations }: Seed, values: ReadonlyMap<string, string>): string[] {
  const urls = (integrations?.webhooks?.list ?? []).map(({ url }) => url);
  const addresses = urls.map((url) => (typeof url === "string" ? url : values.get(url.secret)));
  return urls.flatMap((url, index) => {
    const address = addresses[index];
    if (address === undefined) return [];
    if (typeof url !== "string" && !isCallable(address))
      return [`${url.secret}: expected an address that starts with https:// or http://, since a webhook uses it`];
    const first = addresses.indexOf(address);
    const list = "integrations.webhooks.list";
    return first === index ? [] : [`${list}[${index}]: has the same address as ${list}[${first}]; keep one of the two`];
  });
}

/**
 * Makes each secret of the stage that Lectern can make and whose file is missing or empty (a full disk may leave an empty
 * one): 32 random bytes as text, mode 0600, in a 0700 folder. Never changes another file; skips the names in `except`. If
 * several processes run this at once, only one makes each secret. Resolves to the names of the new ones.
 */
export async function makeSecrets(seed: Seed, folder: string, except: readonly string[] = []): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made: string[] = [];
  for (const name of [...ownSecretNames(seed), ...stageSecretNames(seed)].filter((own) => !except.includes(own)))
    if ((await makeMissing(join(folder, name))) || (await makeEmptyAnew(folder, name))) made.push(name);
  return made;
}

const randomSecret = (): string => `${randomBytes(32).toString("base64url")}\n`;

/** Makes the file if it is missing. Whether it did. */
async function makeMissing(file: string): Promise<boolean> {
  if (await lstat(file).catch(() => undefined)) return false;
  return writeWhole(file, randomSecret(), { mode: 0o600, exclusive: true }).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
      return false;
    },
  );
}

const lockSeconds = 30;

/** Replaces the file if it is empty. Whether it did. Only one process at a time may do this. */
async function makeEmptyAnew(folder: string, name: string): Promise<boolean> {
  const file = join(folder, name);
  if (!(await isEmpty(file))) return false;
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  const options = { deadlineSeconds: lockSeconds, what: `another process that makes secrets in ${folder}` };
  return withLock({ file: folder, handle }, options, async () => {
    if (!(await isEmpty(file))) return false;
    await writeWhole(file, randomSecret(), { mode: 0o600 });
    return true;
  });
}

// Every secret is longer.
const emptyBytes = 2;

async function isEmpty(file: string): Promise<boolean> {
  const found = await lstat(file);
  if (!found.isFile() || found.size > emptyBytes) return false;
  return /^[\r\n]*$/.test(await readFile(file, "utf8"));
}
