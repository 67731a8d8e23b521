import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { node24 } from "../tools/node24/fetch.mjs";
import { interruptible } from "../tools/process/endings.mjs";
import { SetupError } from "../tools/process/errors.mjs";

const patienceMs = 10_000;
const lastMs = 1000;
const folderVariable = "LECTERN_BENCH_FOLDER";

/** Whether this process runs a benchmark in namespaces of its own. */
export const isInside = () => process.env[folderVariable] !== undefined;

/**
 * Runs a benchmark under Node 24 as the first process of its own namespaces. No other program reaches its loopback, and all its
 * processes end with it. `main.mjs` calls the benchmark there again, which then runs `inside`.
 * @param {string} name of the benchmark
 * @param {(work: { folder: string, signal: AbortSignal }) => Promise<void>} inside may fill the folder, which is removed at the end
 * @param {(signal: AbortSignal) => Promise<Readonly<Record<string, string>>>} environment variables in addition to this process's own
 */
export async function inNamespaces(name, inside, environment) {
  const folder = process.env[folderVariable];
  if (folder !== undefined) {
    const signal = whenToldToEnd();
    try {
      await inside({ folder, signal });
    } catch (error) {
      // The process that asked it to end reports that.
      if (!signal.aborted) throw error;
    } finally {
      // An idle connection, also one that a failure left open, would keep the process. Its exit code is set by then.
      setTimeout(() => process.exit(), lastMs).unref();
    }
  } else await interruptible(async (signal) => runOutside(name, await environment(signal), signal));
}

/** @type {(name: string, environment: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<void>} */
async function runOutside(name, environment, signal) {
  const node = await node24();
  const folder = mkdtempSync(join(tmpdir(), "lectern-bench-"));
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const flags = [...user, "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"];
  const again = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", node, "bench/main.mjs", name];
  const child = spawn("unshare", [...flags, ...again], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // A session of its own: only this process gets the terminal's Ctrl-C, and forwards it once.
    detached: true,
    env: { ...process.env, ...environment, [folderVariable]: folder },
  });
  signal.addEventListener("abort", () => {
    if (child.connected) child.send("end");
    // If it hangs, end it with all its processes.
    setTimeout(() => child.kill("SIGKILL"), patienceMs).unref();
  });
  try {
    const [code] = await once(child, "exit");
    signal.throwIfAborted();
    if (code !== 0) throw new SetupError(`the benchmark ${name} failed`, "see above", code ?? 1);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Aborts when the parent asks this process to end. Ends this process if the parent is gone. */
function whenToldToEnd() {
  const interrupt = new AbortController();
  process.once("message", () => interrupt.abort(new Error("stopped")));
  process.once("disconnect", () => process.exit(1));
  process.channel?.unref();
  return interrupt.signal;
}
