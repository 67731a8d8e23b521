import { readFileSync } from "node:fs";

// The unit of the kernel's counts for programs (USER_HZ). The kernel's own tick may differ.
const ticksPerSecond = 100;
// proc(5) counts from 1; stime follows.
const utimeField = 14;

/** Processor time of processes so far, in seconds: with all their threads, without their child processes. */
export const processorSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + secondsIn(readFileSync(`/proc/${pid}/stat`, "utf8")), 0);

/** The same from the text of `/proc/<pid>/stat` (utime and stime). */
export function secondsIn(stat: string): number {
  // The second field is the program's name, which may hold any character. So the list begins with the third field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[utimeField - 3]) + Number(fields[utimeField - 2])) / ticksPerSecond;
}

/** A process and its direct children, such as a master and its workers. */
export const withWorkers = (pid: number): readonly number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number),
];
