import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Versions of Debian's packages, by name.
 * @typedef {Readonly<Record<string, string>>} Versions
 */

/**
 * The versions of forky's packages with which the newest lane was last green. The lane prints new versions, and a person adds them here.
 * @type {Versions}
 */
export const proven = JSON.parse(readFileSync(new URL("proven.json", import.meta.url), "utf8"));

/**
 * The versions of all packages in a root file system, from dpkg's own record there.
 * @param {string} root
 * @returns {Versions}
 */
export const versionsIn = (root) => readVersions(readFileSync(join(root, "var/lib/dpkg/status"), "utf8"));

/**
 * @param {string} status the text of dpkg's record
 * @returns {Versions}
 */
export function readVersions(status) {
  const found = [...status.matchAll(/^Package: (\S+)\n(?:.+\n)*?Version: (\S+)$/gm)];
  return Object.fromEntries(found.map(([, name = "", version = ""]) => [name, version]));
}
