import { constants } from "node:fs";
import { link, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./error-cause.ts";

/** How a file is put into its place. */
export interface Placing {
  /** Its rights; those of any new file when left out. */
  readonly mode?: number;
  /** Never replaces what is there: rejects with EEXIST instead. */
  readonly exclusive?: boolean;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

let drafts = 0;
const ownDrafts = new Set<string>();

/**
 * Writes a file that must survive: whoever reads it, at any moment, also after a crash, a power cut or on a full disk, finds
 * it as it was or as it is to be. First a draft beside it reaches the disk, then the draft gets the name, then the folder
 * reaches the disk. Rejects with the system's error, and then nothing has changed. A link in its place is replaced.
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
    // A link, unlike a rename, never replaces what came there meanwhile.
    if (exclusive) await link(draft, file);
    else await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
    ownDrafts.delete(draft);
  }
  await syncFolder(dirname(file));
}

/** Makes names that were given or taken away in a folder last: without it a crash of the machine may undo them. */
export const syncFolder = (folder: string): Promise<void> => syncPath(join(folder, "."));

/** Waits until what is in a file, or the list of a folder, is on the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot do it for folders.
    if (codeOf(error) !== "EINVAL") throw error;
  } finally {
    await handle.close();
  }
}

/** Removes the drafts of this file whose process was killed: one may hold a secret. */
async function removeStaleDrafts(file: string): Promise<void> {
  const [folder, prefix] = [dirname(file), `${basename(file)}.`];
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(/^(\d+)-\d+\.new$/.exec(name.slice(prefix.length))?.[1]);
    const draft = join(folder, name);
    // A number is used again: in a container every program may be the same one.
    const isWritten = pid === process.pid ? ownDrafts.has(draft) : isRunning(pid);
    if (!Number.isNaN(pid) && !isWritten) await rm(draft, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}
