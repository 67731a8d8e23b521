import { join } from "node:path";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";

/** The Node that hosts run Lectern with, which reads TypeScript by itself. */
export const node24Version = "24.21.0";

/**
 * Where that Node stands, fetched or not.
 * @param {string} cache
 */
export const node24Path = (cache) => join(cache, "node24", node24Version, "node");

/**
 * Fetches it by npm (package `node`) to `target`, if it is not there; the checkout's own packages are left alone.
 * @param {string} target from node24Path
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function fetchNode24(target, { signal, onWait }) {
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    const wanted = `node@${node24Version}`;
    await runCommand("npm", ["install", "--prefix", workshop, "--no-save", "--ignore-scripts=false", wanted], {
      signal,
      cwd: workshop,
      remedy: "npm fetches it from the registry that `npm config get registry` names: check that it can be reached",
    });
    return join(workshop, "node_modules/node/bin/node");
  });
}
