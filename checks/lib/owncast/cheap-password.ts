import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import bcrypt from "bcryptjs";

/**
 * Sets the admin password in the database of an Owncast that is not running, as a hash that takes 1 ms to compare. Owncast's
 * own hash takes it 75 ms of processor time at every request to its admin API.
 */
export function setCheapPassword(database: string, password: string): void {
  foldLog(database);
  const cheap = bcrypt.hashSync(password, 4).replace("$2b$", "$2a$");
  // Both hashes are 60 characters long, so the pages of the database stay as they are.
  const before = readFileSync(database, "latin1");
  const after = before.replaceAll(/\$2a\$\d\d\$[./\w]{53}/g, () => cheap);
  if (after === before) throw new Error(`${database} holds no password`);
  writeFileSync(database, after, "latin1");
}

/** Moves the pages in SQLite's write-ahead log into the database. Owncast leaves them in the log when it ends. */
function foldLog(database: string): void {
  if (!existsSync(`${database}-wal`)) return;
  const log = readFileSync(`${database}-wal`);
  const pageSize = log.readUInt32BE(8);
  const salts = log.subarray(16, 24);
  const file = openSync(database, "r+");
  // Frames of an earlier use of the log have other salts.
  for (let at = 32; at < log.length && log.subarray(at + 8, at + 16).equals(salts); at += 24 + pageSize)
    writeSync(file, log, at + 24, pageSize, (log.readUInt32BE(at) - 1) * pageSize);
  closeSync(file);
  for (const name of ["wal", "shm"]) rmSync(`${database}-${name}`, { force: true });
}
