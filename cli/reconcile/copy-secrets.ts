import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writePrivateFile } from "./private-file.ts";

/**
 * Makes one folder hold the secrets of another and nothing else. Each file is replaced whole, mode 0600: a reader finds the
 * old secret or the new one at any moment. Resolves to the names. Rejects with the system's error.
 */
export async function copySecrets(from: string, to: string): Promise<string[]> {
  const names = (await readdir(from)).sort();
  for (const name of names) await writePrivateFile(join(to, name), await readFile(join(from, name), "utf8"));
  const left = (await readdir(to)).filter((name) => !names.includes(name));
  for (const name of left) await rm(join(to, name), { recursive: true });
  return names;
}
