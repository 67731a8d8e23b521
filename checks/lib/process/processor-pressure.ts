import { readFileSync } from "node:fs";
import type { TestContext } from "vitest";

// Players, encoder and browser alone wait for one of two processors for up to half of the time.
const mostShare = 0.75;

/** For how long, in ms in all, some program has waited for a processor (Linux, pressure stall information); 0 if the kernel does not say. */
function waitedMs(): number {
  try {
    return Number(/^some .*total=(\d+)$/m.exec(readFileSync("/proc/pressure/cpu", "utf8"))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

/** Begins to measure. The result is the share of the time since then in which some program waited for a processor: 0 to 1. */
export function measurePressure(): () => number {
  const [startMs, startWaitedMs] = [performance.now(), waitedMs()];
  return () => (waitedMs() - startWaitedMs) / (performance.now() - startMs);
}

/** Skips the rest of a test whose players shared the machine with too much else. The run's summary says so. */
export function ensureCalm({ skip, task }: TestContext, pressure: number): void {
  if (pressure <= mostShare) return;
  const why = `programs waited for a processor in ${Math.round(pressure * 100)} % of the time`;
  task.meta.lacks = `inconclusive, ${why} → run it again on a quieter machine`;
  skip(why);
}
