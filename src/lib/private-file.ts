import { constants } from "node:fs";
import { lstat, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./error-cause.ts";
import { writeWhole } from "./whole-file.ts";

/**
 * Replaces a file whole, mode 0600: a reader finds the old text or the new one, at any moment and after any crash. Makes the
 * folder (0700) if it is missing. The file belongs to the folder's owner, so that a stage's units can read what root writes
 * into the stage's folder. Rejects with the system's error.
 */
export async function writePrivateFile(file: string, text: string | Uint8Array): Promise<void> {
  const folder = dirname(file);
  await ensurePrivateFolder(folder);
  const owner = isRoot() ? await lstat(folder) : undefined;
  await writeWhole(file, text, { mode: 0o600, owner });
}

/** The text of such a file; undefined if it is missing. Rejects with the system's error, or if others can read the file. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  // Follow no link: the folder's owner must not make root read another user's secrets.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
  if (!handle) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) throw Object.assign(new Error(`${file} can be read by others`), { code: "mode" });
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

async function ensurePrivateFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, gid } = await lstat(dirname(folder));
  if (made === undefined) {
    if ((await lstat(folder)).isDirectory()) return;
    throw Object.assign(new Error(`${folder} is not a folder`), { code: "ENOTDIR" });
  }
  if (!isRoot()) return;
  const handle = await open(folder, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  await handle.chown(uid, gid).finally(() => handle.close());
}

const isRoot = (): boolean => process.getuid?.() === 0;
