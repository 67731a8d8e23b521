import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { exactSeconds, processorsOver } from "./processor-time.ts";

it("a process's time grows with its work", () => {
  const before = exactSeconds([process.pid]);
  const until = process.cpuUsage().user + 50_000;
  while (process.cpuUsage().user < until);
  expect(exactSeconds([process.pid]) - before).toBeGreaterThan(0.03);
});

it("the processors of groups are their time per second that passed", async () => {
  const busy = spawn("sh", ["-c", "while :; do :; done"]);
  try {
    const groups = { busy: [busy.pid ?? 0], idle: [], both: [busy.pid ?? 0, busy.pid ?? 0] };
    const { busy: one, idle, both } = await processorsOver(groups, 0.3, new AbortController().signal);
    expect(one).toBeGreaterThan(0.02);
    expect(one).toBeLessThan(1.2);
    expect(idle).toBe(0);
    expect(both / one).toBeCloseTo(2, 0);
  } finally {
    busy.kill("SIGKILL");
  }
});

it("the wait for them ends when it is told to", async () => {
  await expect(processorsOver({ this: [process.pid] }, 60, AbortSignal.timeout(20))).rejects.toThrow();
});
