import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";

const workshopPrefix = "making-";

/**
 * Makes a file that is either there and whole, or not there, whoever else makes it at the same time and however it is stopped.
 * @param {string} target its folder belongs to it alone
 * @param {import("./lock.mjs").LockOptions} options
 * @param {(workshop: string) => Promise<string>} make works in an empty folder and resolves to the finished file in it
 */
export async function makeOnce(target, options, make) {
  if (existsSync(target)) return;
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  await withLock(join(folder, "lock"), options, async () => {
    if (existsSync(target)) return;
    for (const name of readdirSync(folder)) if (name.startsWith(workshopPrefix)) clear(join(folder, name));
    const workshop = mkdtempSync(join(folder, workshopPrefix));
    try {
      renameSync(await make(workshop), target);
    } finally {
      clear(workshop);
    }
  });
}

/** @param {string} folder a process that was just killed may still be making files in it: then again */
const clear = (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
