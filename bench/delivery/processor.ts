import { readFileSync } from "node:fs";

// What the kernel counts in towards programs, whatever it counts in itself (USER_HZ).
const ticksPerSecond = 100;
// proc(5) counts from 1; stime follows.
const utimeField = 14;

/** Processor time that processes have used so far, in seconds: all their threads, none of the programs they started. */
export const processorSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + secondsIn(readFileSync(`/proc/${pid}/stat`, "utf8")), 0);

/** The same out of what `/proc/<pid>/stat` says (utime and stime). */
export function secondsIn(stat: string): number {
  // The second field is the program's name, which may hold anything; the third one comes first here.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[utimeField - 3]) + Number(fields[utimeField - 2])) / ticksPerSecond;
}

/** A process and those that it started itself, which have started none: a master and its workers. */
export const withWorkers = (pid: number): readonly number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number),
];
