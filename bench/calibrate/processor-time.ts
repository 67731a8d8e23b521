import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
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

/** Processors that groups of processes take over some seconds, by the groups' names. Rejects when `signal` aborts. */
export async function processorsOver<Name extends string>(
  pids: Readonly<Record<Name, readonly number[]>>,
  seconds: number,
  signal: AbortSignal,
): Promise<Record<Name, number>> {
  const groups = Object.entries<readonly number[]>(pids);
  const now = () => groups.map(([, some]) => exactSeconds(some));
  const [before, began] = [now(), performance.now()];
  await sleep(seconds * 1000, undefined, { signal });
  const [after, elapsed] = [now(), (performance.now() - began) / 1000];
  const used = (index: number) => (after[index] ?? Number.NaN) - (before[index] ?? Number.NaN);
  return Object.fromEntries(groups.map(([name], index) => [name, used(index) / elapsed])) as Record<Name, number>;
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
