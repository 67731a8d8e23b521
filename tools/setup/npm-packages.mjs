import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { withLock } from "../process/lock.mjs";
import { runCommand } from "../process/run-command.mjs";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */

/**
 * Whether node_modules holds what package-lock.json says. It reads npm's own record. npm writes that last, so an interrupted installation
 * has none.
 * @param {string} tree
 */
export function arePackagesCurrent(tree) {
  const wanted = readPackages(join(tree, "package-lock.json"));
  const installed = readPackages(join(tree, "node_modules/.package-lock.json"));
  if (!wanted || !installed) return false;
  const names = Object.keys(wanted).filter((name) => name !== "");
  // Optional packages for other systems are only in the lock file.
  const isInPlace = (/** @type {string} */ name) =>
    installed[name]
      ? isDeepStrictEqual(identity(installed[name]), identity(wanted[name]))
      : wanted[name]?.optional === true;
  return names.every(isInPlace) && Object.keys(installed).every((name) => name in wanted);
}

/**
 * Runs `npm ci`, unless another process has just run it.
 * @param {string} tree
 * @param {string} cache
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function installPackages(tree, cache, { signal, onWait }) {
  const folder = join(cache, "npm");
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, `${createHash("sha256").update(tree).digest("hex")}.lock`);
  await withLock(lock, { signal, onWait }, async () => {
    if (arePackagesCurrent(tree)) return;
    await runCommand("npm", ["ci", "--include=dev", "--no-progress"], {
      signal,
      cwd: tree,
      remedy:
        "npm fetches packages from the registry that `npm config get registry` names: check that it can be reached",
    });
  });
}

/** @type {(file: string) => Record<string, LockedPackage> | undefined} */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** @param {LockedPackage | undefined} entry */
const identity = (entry) => [entry?.version, entry?.integrity];
