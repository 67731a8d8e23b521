import { expect, it } from "vitest";
import { exactSeconds } from "./processor-time.ts";

it("a process's time grows with its work", () => {
  const before = exactSeconds([process.pid]);
  const until = process.cpuUsage().user + 50_000;
  while (process.cpuUsage().user < until);
  expect(exactSeconds([process.pid]) - before).toBeGreaterThan(0.03);
});
