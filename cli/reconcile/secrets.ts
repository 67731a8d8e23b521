import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SecretLookup } from "../../codegen/schema/registry.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../errors.ts";

/** Owncast's default for both the admin password and the stream key; everybody knows it. */
export const publicDefault = "abc123";

/** The secrets that Lectern can make itself: the admin password's name first, then the stream keys', each once. */
export function ownSecretNames({ access: { adminPassword, streamKeys } }: Seed): string[] {
  return [...new Set([adminPassword.secret, ...streamKeys.map(({ secret }) => secret)])];
}

/** The names of every secret that a seed refers to, wherever it stands, each once. */
export function secretNames(seed: Seed): string[] {
  const found = (value: unknown): string[] => {
    if (typeof value !== "object" || value === null) return [];
    const { secret } = value as { secret?: unknown };
    return [...(typeof secret === "string" ? [secret] : []), ...Object.values(value).flatMap(found)];
  };
  return [...new Set([...ownSecretNames(seed), ...found(seed)])];
}

/** Where secrets lie: the folder with a file for each, or the path of each by its name. */
export type SecretFiles = string | ((name: string) => string | undefined);

/**
 * Reads every secret that the seed names from its file (in a unit: the credentials directory's).
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
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      faults.push(`${file}: ${error.code === "ENOENT" ? "no such file" : `cannot be read (${error.code})`}`);
    });
    if (text === undefined) continue;
    const value = text.replace(/\r?\n$/, "");
    const fault = secretFault(value);
    if (fault) faults.push(`${file}: ${fault}`);
    values.set(name, value);
  }
  faults.push(...sharedSecrets(seed, values));
  if (faults.length > 0) {
    const place = typeof files === "string" ? `in ${files} ` : "";
    const remedy = `each of ${secretNames(seed).join(", ")} is a file ${place}holding that secret on one line`;
    throw new CliError(ExitCode.failed, `secrets are not usable:\n  ${faults.join("\n  ")}`, remedy);
  }
  return (name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the seed names no secret "${name}"`);
    return value;
  };
}

/** Why no secret may have this value, in words that follow its name; undefined for one that may. */
export function secretFault(value: string): string | undefined {
  if (value === "") return "is empty; an empty password would let anybody in";
  if (value === publicDefault) return "holds Owncast's default, which everybody knows";
  // A key is typed into OBS and sent in a URL's place; control characters never survive that.
  if (/[\u0000-\u001f\u007f]/.test(value)) return "holds a line break or control character; a secret is one line";
  return undefined;
}

/** Publishers pass the stream key around: whoever has it must not thereby have the admin page. */
function sharedSecrets({ access: { adminPassword, streamKeys } }: Seed, values: ReadonlyMap<string, string>): string[] {
  const password = values.get(adminPassword.secret);
  return streamKeys
    .filter(({ secret }) => password !== undefined && values.get(secret) === password)
    .map(
      ({ secret }) => `${secret}: is the same as ${adminPassword.secret}; a stream key must not open the admin page`,
    );
}

/**
 * Makes every secret of the seed that Lectern can make and that has no file yet: 32 random bytes as text, mode 0600, in a 0700 folder.
 * An existing file is never touched, and those named in `except` lie elsewhere. Resolves to the names of those made.
 */
export async function makeSecrets(seed: Seed, folder: string, except: readonly string[] = []): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made: string[] = [];
  for (const name of ownSecretNames(seed).filter((own) => !except.includes(own))) {
    const handle = await open(join(folder, name), "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!handle) continue;
    await handle.writeFile(`${randomBytes(32).toString("base64url")}\n`);
    await handle.close();
    made.push(name);
  }
  return made;
}
