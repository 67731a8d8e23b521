import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { SetupError } from "../process/errors.mjs";

/**
 * What the set-up and the lanes of tests ask the machine that they run on.
 * @typedef {object} Machine
 * @property {string} platform as in process.platform
 * @property {boolean} isRoot
 * @property {Readonly<Record<string, string | undefined>>} env
 * @property {(program: string) => string | undefined} find absolute path of a program: a path, or a name looked up in PATH and the sbin folders
 * @property {(program: string, args: readonly string[]) => string | undefined} output output of a command; undefined if it fails or does not exist
 * @property {(folder: string) => number} freeBytes
 */

const sbin = ["/usr/sbin", "/sbin"];
const outputTimeoutMs = 30_000;

/** @type {Machine} */
export const thisMachine = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  env: process.env,
  find: (program) =>
    program.includes("/")
      ? [resolve(program)].find(isExecutable)
      : searchPath(process.env)
          .map((folder) => join(folder, program))
          .find(isExecutable),
  output(program, args) {
    const env = { ...process.env, PATH: searchPath(process.env).join(delimiter), LC_ALL: "C" };
    const { status, stdout } = spawnSync(program, args, { encoding: "utf8", timeout: outputTimeoutMs, env });
    return status === 0 ? stdout.trim() : undefined;
  },
  freeBytes(folder) {
    const { bavail, bsize } = fs.statfsSync(existing(folder));
    return bavail * bsize;
  },
};

/**
 * The folders of PATH, and those for system programs (`ip`), which a normal user's PATH lacks.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function searchPath(env) {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, ...sbin.filter((folder) => !folders.includes(folder))];
}

/**
 * The folder for everything that is built or fetched outside of the checkout. Throws SetupError without a home folder.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export const cacheFolder = (env) => join(userCache(env), "lectern");

/** @type {(env: Readonly<Record<string, string | undefined>>) => string} */
function userCache({ XDG_CACHE_HOME: named = "" }) {
  // The XDG base directory specification ignores a relative path.
  if (isAbsolute(named)) return named;
  const home = homeFolder();
  if (isAbsolute(home)) return join(home, ".cache");
  throw new SetupError(
    "there is no home folder for the caches",
    "set HOME or XDG_CACHE_HOME to a folder that this user can write to",
  );
}

function homeFolder() {
  try {
    return homedir();
  } catch {
    // In a container the user may have no entry in /etc/passwd.
    return "";
  }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return fs.statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @type {(folder: string) => string} */
const existing = (folder) => (fs.existsSync(folder) ? folder : existing(dirname(folder)));
