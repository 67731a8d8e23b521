import { spawn } from "node:child_process";
import { once } from "node:events";
import { node24 } from "../tools/node24/fetch.mjs";
import { provision } from "../tools/setup/provision.mjs";

const needs = /** @type {const} */ (["owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Runs a benchmark with real servers under the hosts' Node, which reads TypeScript by itself. If this process runs that Node, it
 * runs the benchmark itself; else it starts that Node with `main.mjs` and the benchmark's name.
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
