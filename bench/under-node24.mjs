import { spawn } from "node:child_process";
import { once } from "node:events";
import { node24 } from "../tools/node24/fetch.mjs";
import { provision } from "../tools/setup/provision.mjs";

const needs = /** @type {const} */ (["owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Runs a benchmark under the Node of the hosts, which reads TypeScript by itself, with real servers: in this process when it
 * is that one, else `main.mjs` with its name is run by it.
 * @param {string} name
 * @param {() => Promise<void>} bench
 */
export async function underNode24(name, bench) {
  if (process.env.LECTERN_BENCH_INSIDE) return await bench();
  const { signal } = new AbortController();
  const env = { ...process.env, ...(await provision(needs, { signal })), LECTERN_BENCH_INSIDE: "1" };
  const again = ["bench/main.mjs", name];
  const [code] = await once(spawn(await node24(), again, { stdio: "inherit", env }), "exit");
  if (code !== 0) throw new Error(`the benchmark ended with ${code}`);
}
