import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";

const workshopPrefix = "making-";

/**
 * Makes a file. At any time the file is complete or does not exist, even if another process makes it too, or this one is killed.
 * @param {string} target a path whose folder holds nothing else
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

/** @param {string} folder a process that was just killed may still write to it, hence the retries */
const clear = (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
