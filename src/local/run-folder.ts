import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { CliError, ExitCode } from "../lib/errors.ts";
import { lockAtOnce } from "../lib/lock.ts";

const prefix = "lectern-demo-";
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, W_OK, X_OK } = constants;

/**
 * Makes this run's private folder (0700): in the user's cache folder, where the folders of demos that were killed are removed
 * too. If nothing can be kept there, in the folder for temporary files, where nothing but this run's own is ever removed.
 * Throws CliError 1 if there is no folder that others leave alone.
 */
export function makeRunFolder(): string {
  const cache = userFolder("XDG_CACHE_HOME", ".cache");
  const parent = cache === undefined ? undefined : makeOwnFolder(join(cache, "lectern/run"));
  return parent !== undefined && isPlain(parent) ? makeAmongOthers(parent) : makeInTemporaryFolder();
}

// Owncast finds its encoder by PATH, where a colon ends a folder; and people read the path in the demo's summary.
const isPlain = (path: string): boolean => !/[:\p{Cc}]/u.test(path);

function makeAmongOthers(parent: string): string {
  const turn = openSync(parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    // One demo at a time: no demo may judge another's folder before its lock exists.
    lockAtOnce(turn, 10);
    for (const name of readdirSync(parent)) if (name.startsWith(prefix)) removeAbandoned(join(parent, name));
    ensureRoom(parent);
    const dir = mkdtempSync(join(parent, prefix));
    // Open until this process ends for any reason: then the kernel releases the lock.
    lockAtOnce(openSync(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    return dir;
  } finally {
    closeSync(turn);
  }
}

// Owncast's own files and five minutes of a small stage's segments.
const leastMegabytes = 100;

function ensureRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const megabytes = Math.floor((bavail * bsize) / 1_000_000);
  if (megabytes >= leastMegabytes) return;
  throw new CliError(
    ExitCode.failed,
    `${folder}: ${megabytes} MB are free there; the demo takes ${leastMegabytes} MB, and three large renditions 300 MB`,
    "make room there, or set XDG_CACHE_HOME to a folder on another disk",
  );
}

/** Removes a run's folder if no demo holds its lock. */
function removeAbandoned(dir: string): void {
  try {
    const { uid, mode } = lstatSync(dir);
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) return;
    const folder = openSync(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      if (lockAtOnce(folder)) rmSync(dir, { recursive: true, force: true });
    } finally {
      closeSync(folder);
    }
  } catch {
    // Not a folder, or not to be removed: it stays.
  }
}

function makeInTemporaryFolder(): string {
  const parent = tmpdir();
  try {
    if (isSafePlace(parent) && isPlain(parent)) {
      ensureRoom(parent);
      return mkdtempSync(join(parent, prefix));
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    // It is missing, full, or not writable.
  }
  throw new CliError(
    ExitCode.failed,
    `the demo cannot make its folder, neither in the cache folder nor in ${JSON.stringify(parent)}: this user must be able to write there, other users must not, and the path must have no colon and no control character`,
    "set XDG_CACHE_HOME to such a folder",
  );
}

/** A folder of the user's as the XDG base directory specification names it; undefined if there is no home folder either. */
export function userFolder(variable: "XDG_CACHE_HOME" | "XDG_DATA_HOME", belowHome: string): string | undefined {
  const named = process.env[variable];
  // The specification ignores a relative path.
  if (named !== undefined && isAbsolute(named)) return named;
  const home = homeFolder();
  return home === undefined ? undefined : join(home, belowHome);
}

function homeFolder(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    // A container may run as a user id without an entry in /etc/passwd.
    return undefined;
  }
}

/**
 * Makes a folder that is this user's alone (0700), in a place where nobody else can swap it for another one.
 * Resolves links in the path. Undefined if there is no such place.
 */
export function makeOwnFolder(path: string): string | undefined {
  try {
    if (!isSafePlace(nearestExisting(path))) return undefined;
    makeFolders(path);
    const folder = realpathSync(path);
    const { uid, mode } = lstatSync(folder);
    // A file system that is mounted read-only refuses root too.
    accessSync(folder, W_OK | X_OK);
    return isSafePlace(folder) && uid === process.getuid?.() && (mode & 0o077) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether no other user but root can rename or replace what this user makes in a folder: the folder and all above it belong
 * to this user or to root, and others may write there only if the sticky bit keeps each entry to its owner.
 */
function isSafePlace(path: string): boolean {
  const trusted = [0, process.getuid?.() ?? 0];
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    const stats = lstatSync(folder);
    const isShared = (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0;
    if (!stats.isDirectory() || !trusted.includes(stats.uid) || isShared) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Not by mkdir's own recursion: below /proc, which refuses with ENOENT, that call of Node 20 never returns. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)));
