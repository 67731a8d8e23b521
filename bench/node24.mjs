import { join } from "node:path";
import { makeOnce } from "../tools/process/make-once.mjs";
import { runCommand } from "../tools/process/run-command.mjs";
import { cacheFolder } from "../tools/setup/machine.mjs";

const version = "24.21.0";

/**
 * The path of the Node that hosts run Lectern with, which reads TypeScript by itself. Fetched by npm (package `node`)
 * into the cache folder, outside the checkout, the first time. Rejects with SetupError where npm cannot fetch it.
 * @returns {Promise<string>}
 */
export async function node24() {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
  const node = join(cacheFolder(process.env), "node24", version, "node");
  const onWait = (/** @type {string} */ holder) => process.stderr.write(`waiting for process ${holder}\n`);
  await makeOnce(node, { signal, onWait }, async (workshop) => {
    process.stderr.write(`fetching Node ${version}\n`);
    await runCommand(
      "npm",
      ["install", "--prefix", workshop, "--no-save", "--ignore-scripts=false", `node@${version}`],
      {
        signal,
        cwd: workshop,
        remedy: "npm fetches it from the registry that `npm config get registry` names: check that it can be reached",
      },
    );
    return join(workshop, "node_modules/node/bin/node");
  });
  return node;
}
