import { cacheFolder } from "../setup/machine.mjs";
import { fetchNode24, node24Path, node24Version } from "./fetch.mjs";

/**
 * The path of the Node that hosts run Lectern with. Fetched into the cache folder the first time.
 * Rejects with SetupError where npm cannot fetch it.
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
