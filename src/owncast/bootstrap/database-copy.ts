import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import { syncFolder, syncPath } from "../../lib/whole-file.ts";

/** The files of a database that nobody has open; what is in the second is not in the first yet. */
const databaseFiles = ["owncast.db", "owncast.db-wal"] as const;

/** Whether there is a database in a folder with something in it. */
export const holdsDatabase = (folder: string): Promise<boolean> =>
  stat(join(folder, databaseFiles[0])).then(
    (found) => found.isFile() && found.size > 0,
    (error: unknown) => {
      if (!["ENOENT", "ENOTDIR"].includes(codeOf(error))) throw error;
      return false;
    },
  );

/** Copies into a new folder, down to the disk. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const name of databaseFiles) {
    const isCopied = await copyFile(join(from, name), join(to, name)).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) !== "ENOENT" || name === "owncast.db") throw error;
        return false;
      },
    );
    if (isCopied) await syncPath(join(to, name));
  }
  await syncFolder(to);
}

/**
 * Puts the database of one folder into another, instead of the one that is there. Interrupted, it leaves a part: then it is
 * to be done again from another copy.
 */
export async function moveDatabase(from: string, to: string): Promise<void> {
  for (const name of [...databaseFiles, "owncast.db-shm"]) await rm(join(to, name), { force: true });
  for (const name of databaseFiles) await renameIfThere(join(from, name), join(to, name));
  await syncFolder(to);
}

const renameIfThere = (from: string, to: string): Promise<void> =>
  rename(from, to).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
