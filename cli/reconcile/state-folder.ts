import { lstat, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { CliError, ExitCode } from "../errors.ts";
import { syncFolder } from "../whole-file.ts";
import { type OpenLock, openLock } from "./lock-file.ts";

/**
 * Makes a stage's state folder ready for Owncast, and opens the lock of whoever works on it. Rejects with the system's error,
 * or with CliError 1 when something else has the database's name.
 */
export async function prepareState(stateDir: string): Promise<OpenLock> {
  const data = join(stateDir, "data");
  await mkdir(data, { recursive: true, mode: 0o700 });
  // A database that Owncast makes itself loses later writes when another process opens it; an empty file avoids that path.
  const database = join(data, "owncast.db");
  const found = await lstat(database).catch(() => undefined);
  // Opening a pipe would wait for ever.
  if (found && !found.isFile() && !found.isSymbolicLink())
    throw new CliError(ExitCode.failed, `${database}: is no plain file`, "move it away, or restore the database");
  await (await open(database, "a", 0o600)).close();
  // Owncast writes into it down to the disk, which is of no use while its name is not there.
  if (!found) await syncFolder(data);
  const file = join(stateDir, "bootstrap.lock");
  return { file, handle: await openLock(file) };
}
