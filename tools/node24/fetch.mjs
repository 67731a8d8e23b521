import { join } from "node:path";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";
import { cacheFolder } from "../setup/machine.mjs";

/** Version of the Node that hosts run Lectern with. It runs TypeScript directly. */
export const node24Version = "24.21.0";

/**
 * The path of that Node, fetched or not.
 * @param {string} cache
 */
export const node24Path = (cache) => join(cache, "node24", node24Version, "node");

/**
 * Fetches it with npm (package `node`) to `target`, if it is missing. The checkout's own packages stay as they are.
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

/**
 * The path of that Node, which is fetched the first time. Rejects with SetupError if npm cannot fetch it.
 * @returns {Promise<string>}
 */
export async function node24() {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
  const node = node24Path(cacheFolder(process.env));
  const onWait = (/** @type {string} */ holder) => process.stderr.write(`waiting for process ${holder}\n`);
  process.stderr.write(`Node ${node24Version}\n`);
  await fetchNode24(node, { signal, onWait });
  return node;
}
