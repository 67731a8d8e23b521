import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

const patienceMs = 3000;

/** Sends TERM, and KILL after 3 s; resolves when the process is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  const patience = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(patience);
}
