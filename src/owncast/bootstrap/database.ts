import { lstat, mkdir, open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readAtMost } from "../../lib/small-file.ts";
import { syncFolder } from "../../lib/whole-file.ts";

/** Makes Owncast's data folder (0700) with an empty database, as far as they are not there. Throws CliError 1 for a database that is none. */
export async function makeDatabase(data: string): Promise<void> {
  await makeFolders(data);
  const file = join(data, "owncast.db");
  if (await isDatabase(file)) return;
  // A database that Owncast makes itself loses later writes when another process opens it; an empty file avoids that path.
  await (await open(file, "a", 0o600)).close();
  // Owncast writes into it down to the disk, which is of no use while its name is not there.
  await syncFolder(data);
}

/** Makes a folder (0700) and those above it. Not by mkdir's own recursion: below /proc, which refuses with ENOENT, Node 20 would never come back from it. */
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

/** Whether it is there. Refuses what Owncast cannot open: of a pipe it would wait for ever, of anything else it would show a stack. Throws CliError 1. */
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

/** What is wrong with a database, as a sentence with a remedy. */
export const noDatabase = (file: string, fault: string): CliError =>
  new CliError(
    ExitCode.failed,
    `${file}: ${fault}, so it is no database of Owncast's`,
    "put a backup of the database there, or move this away: bootstrap then makes a new database",
  );

/** Whether a line of Owncast's log tells of a file that begins as a database and is none. Owncast then shows its own stack. */
export const isDamage = (log: string): boolean => /database disk image is malformed|file is not a database/.test(log);
