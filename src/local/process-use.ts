import { readFileSync } from "node:fs";

/** What a process has used. */
export interface ProcessUse {
  readonly cpuSeconds: number;
  /** Now, in bytes. */
  readonly memoryBytes: number;
}

// Linux shows times in these steps on every machine.
const ticksPerSecond = 100;

/** Reads it from /proc. Throws if there is no such process. */
export function processUse(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in brackets may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user = Number.NaN, system = Number.NaN] = [Number(fields[11]), Number(fields[12])];
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return { cpuSeconds: (user + system) / ticksPerSecond, memoryBytes: Number(kilobytes) * 1024 };
}
