import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "lectern-demo-";

/** Makes this run's private folder (0700), and removes those whose owner was killed before it could. */
export function makeRunFolder(parent = tmpdir()): string {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix)))
    removeAbandoned(join(parent, name));
  const dir = mkdtempSync(join(parent, prefix));
  writeFileSync(join(dir, "owner"), `${process.pid} ${startTime(process.pid)}\n`);
  return dir;
}

function removeAbandoned(dir: string): void {
  try {
    const [pid = "", started] = readFileSync(join(dir, "owner"), "utf8").trim().split(" ");
    // A process number is used again; together with its start time it is not.
    if (startTime(Number(pid)) === started) return;
    rmSync(dir, { recursive: true, force: true });
  } catch {
    // Another user's, or one that is just being made: not ours to judge.
  }
}

/** When a process started, in the kernel's ticks since boot; empty when there is none. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses and may hold anything; the start time is the 20th after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
