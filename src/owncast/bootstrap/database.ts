import { copyFile, lstat, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readAtMost } from "../../lib/small-file.ts";
import { syncFolder, syncPath } from "../../lib/whole-file.ts";

/** Makes Owncast's data folder (0700) and an empty database in it, if they are missing. Throws CliError 1 if the database is not one. */
export async function makeDatabase(data: string): Promise<void> {
  await makeFolders(data);
  const file = join(data, "owncast.db");
  if (await isDatabase(file)) return;
  // A database that Owncast makes itself loses later writes if another process opens it. An empty file prevents that.
  await (await open(file, "a", 0o600)).close();
  // Owncast syncs its writes to the disk, but the file's name must be on the disk too.
  await syncFolder(data);
}

/** Makes a folder (0700) and those above it. Recursive mkdir of Node 20 would never return below /proc, which refuses with ENOENT. */
async function makeFolders(path: string): Promise<void> {
  const failed = await mkdir(path, { mode: 0o700 }).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  if (failed === undefined || (failed.code === "EEXIST" && (await stat(path)).isDirectory())) return;
  if (failed.code !== "ENOENT" || (await lstat(dirname(path)).catch(() => undefined))) throw failed;
  await makeFolders(dirname(path));
  await makeFolders(path);
}

/** Whether the file exists. Throws CliError 1 if it is not a database: Owncast waits for ever at a pipe, and prints a stack for other files. */
async function isDatabase(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return false;
  if (!found.isFile()) throw noDatabase(file, "is not a file");
  if (found.size === 0) return true;
  const head = Buffer.from(await readAtMost(file, sqliteHead.length));
  if (head.toString("latin1") !== sqliteHead) throw noDatabase(file, "is damaged");
  return true;
}

const sqliteHead = "SQLite format 3\0";

/** The fault of a database, with a remedy. */
export const noDatabase = (file: string, fault: string): CliError =>
  new CliError(
    ExitCode.failed,
    `${file}: ${fault}, so Owncast cannot use it as its database`,
    "put a backup of the database there, or move the file away: then bootstrap makes a new database",
  );

/** Whether Owncast's log says that the database is damaged. Owncast itself prints a stack then. */
export const isDamage = (log: string): boolean => /database disk image is malformed|file is not a database/.test(log);

/** The files of a database that nobody has open. The second may hold changes that the first does not have yet. */
const databaseFiles = ["owncast.db", "owncast.db-wal"] as const;

/** Whether a folder holds a database that is not empty. */
export const holdsDatabase = (folder: string): Promise<boolean> =>
  stat(join(folder, databaseFiles[0])).then(
    (found) => found.isFile() && found.size > 0,
    (error: unknown) => {
      if (!["ENOENT", "ENOTDIR"].includes(codeOf(error))) throw error;
      return false;
    },
  );

/** Copies the database of one folder into a new one, and syncs it to the disk. */
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
 * Moves the database of one folder into another and replaces the one there. If it is interrupted, do it again from another
 * copy.
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
