import { expect, it } from "vitest";
import { processorSeconds, secondsIn } from "./processor.ts";

it("reads user and system time, with any program name", () => {
  const stat = "4711 (a) S 1 (b) ) S 1 4711 4711 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 1 0 100 0 0";
  expect(secondsIn(stat)).toBe(3);
});

it("grows while this process works", () => {
  const before = processorSeconds([process.pid]);
  const until = before + 0.05;
  // This loop ends, as the process's own time grows.
  while (processorSeconds([process.pid]) < until);
  expect(processorSeconds([process.pid]) - before).toBeGreaterThanOrEqual(0.049);
});
