import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Replaces a file whole, mode 0600: whoever reads it, at any moment, and after any crash, finds the old text or the new
 * one. The folder is made when it is not there (0700); the file belongs to the folder's owner, so that what root leaves
 * in a stage's folder the stage's own units can read. Rejects with the system's error.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await ensurePrivateFolder(folder);
  const draft = `${file}.new`;
  // A draft of an earlier run may have other rights.
  await rm(draft, { force: true });
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await giveToOwnerOf(folder, handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await syncFolder(folder);
}

/** The text of such a file; undefined when there is none. Rejects with the system's error, or when it is not private. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  // Not through a link: who owns the folder must not make root read somebody else's secrets.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
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

async function giveToOwnerOf(folder: string, handle: FileHandle): Promise<void> {
  if (!isRoot()) return;
  const { uid, gid } = await lstat(folder);
  await handle.chown(uid, gid);
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** Without it a crash of the machine may bring the old name back. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(join(folder, "."), constants.O_RDONLY);
  await handle.sync().finally(() => handle.close());
}
