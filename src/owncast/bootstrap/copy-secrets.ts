import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import { writePrivateFile } from "../../lib/private-file.ts";

/**
 * Makes one folder hold the secrets of another and nothing else. Each file is replaced whole, mode 0600: a reader finds the
 * old secret or the new one at any moment. Resolves to the names. Rejects with the system's error, and before anything is
 * written if the folder holds more than files: then it is none of secrets.
 */
export async function copySecrets(from: string, to: string): Promise<string[]> {
  const names = (await readdir(from)).sort();
  await ensureOnlyFiles(to);
  for (const name of names) await writePrivateFile(join(to, name), await readFile(join(from, name)));
  const left = (await readdir(to)).filter((name) => !names.includes(name));
  for (const name of left) await rm(join(to, name));
  return names;
}

async function ensureOnlyFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
  const other = entries.find((entry) => !entry.isFile());
  if (other)
    throw Object.assign(new Error(), { path: join(folder, other.name), code: "this is no folder of secrets alone" });
}
