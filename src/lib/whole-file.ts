import { constants } from "node:fs";
import { link, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./error-cause.ts";
import { isRunning } from "./is-running.ts";

/** Options for writing a file. */
export interface Placing {
  /** Its mode; the default for new files if left out. */
  readonly mode?: number;
  /** Rejects with EEXIST if the file exists. */
  readonly exclusive?: boolean;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

let drafts = 0;
const ownDrafts = new Set<string>();

/**
 * Writes a file atomically: a reader finds the old content or the new one, at any moment, also after a crash, a power cut or on
 * a full disk. It syncs a draft beside the file to the disk, renames the draft, and syncs the folder. If it rejects, with the
 * system's error, nothing has changed. It replaces a link instead of following it.
 */
export async function writeWhole(file: string, content: string | Uint8Array, placing: Placing = {}): Promise<void> {
  const { mode = 0o666, exclusive = false, owner } = placing;
  await removeStaleDrafts(file);
  const draft = `${file}.${process.pid}-${++drafts}.new`;
  ownDrafts.add(draft);
  try {
    const handle = await open(draft, "wx", mode);
    try {
      if (owner) await handle.chown(owner.uid, owner.gid);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Unlike a rename, a link never replaces a file that appeared meanwhile.
    if (exclusive) await link(draft, file);
    else await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
    ownDrafts.delete(draft);
  }
  await syncFolder(dirname(file));
}

/** Makes new and removed names in a folder permanent: without it, a crash of the machine may undo them. */
export const syncFolder = (folder: string): Promise<void> => syncPath(join(folder, "."));

/** Waits until a file's content, or a folder's list of names, is on the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot sync folders.
    if (codeOf(error) !== "EINVAL") throw error;
  } finally {
    await handle.close();
  }
}

/** Removes the drafts of this file that killed processes left: a draft may hold a secret. */
async function removeStaleDrafts(file: string): Promise<void> {
  const [folder, prefix] = [dirname(file), `${basename(file)}.`];
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(/^(\d+)-\d+\.new$/.exec(name.slice(prefix.length))?.[1]);
    const draft = join(folder, name);
    // The system reuses process ids: in a container, every program may have the same one.
    const isWritten = pid === process.pid ? ownDrafts.has(draft) : isRunning(pid);
    if (!Number.isNaN(pid) && !isWritten) await rm(draft, { force: true });
  }
}
