import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

/** The address of a module of this folder, for a script's `import`. */
export const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);

/** Runs a module script in its own process. */
export function startScript(script: string): ChildProcess & { ended: Promise<number | NodeJS.Signals> } {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  const ended = once(child, "exit").then(([code, signal]) => signal ?? code);
  return Object.assign(child, { ended });
}

/** Resolves once a condition holds; rejects after 20 s. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const deadline = performance.now() + 20_000; !holds(); ) {
    if (performance.now() > deadline) throw new Error(`still waiting for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process is there and is no zombie. */
export function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/exe`)) return false;
  return process.kill(pid, 0);
}
