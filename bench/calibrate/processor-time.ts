import { readdirSync, readFileSync } from "node:fs";
import { processorSeconds } from "../delivery/processor.ts";

/**
 * Processor time of processes so far, in seconds, to the microsecond where the kernel has it (`schedstat`). A thread that ends takes
 * its time with it; the measured programs keep theirs.
 */
export function exactSeconds(pids: readonly number[]): number {
  try {
    return pids.reduce((sum, pid) => sum + tasksOf(pid).reduce((all, task) => all + runSeconds(pid, task), 0), 0);
  } catch {
    return processorSeconds(pids);
  }
}

const tasksOf = (pid: number): string[] => readdirSync(`/proc/${pid}/task`);

function runSeconds(pid: number, task: string): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e9;
}

/** The processes that a process started, from any of its threads. */
export const childrenOf = (pid: number): readonly number[] =>
  tasksOf(pid).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
