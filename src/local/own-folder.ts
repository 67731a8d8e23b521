import { accessSync, constants, existsSync, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

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
    // Not every number that a container runs as has an entry in /etc/passwd.
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
    accessSync(folder, constants.W_OK | constants.X_OK);
    return isSafePlace(folder) && uid === process.getuid?.() && (mode & 0o077) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether no other user but root can rename or replace what this user makes in a folder: the folder and all above it belong
 * to this user or to root, and others may write there only if the sticky bit keeps each entry to its owner.
 */
export function isSafePlace(path: string): boolean {
  const trusted = [0, process.getuid?.() ?? 0];
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    const stats = lstatSync(folder);
    const isShared = (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0;
    if (!stats.isDirectory() || !trusted.includes(stats.uid) || isShared) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Not by mkdir's own recursion: below /proc, which refuses with ENOENT, Node 20 would never come back from it. */
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
