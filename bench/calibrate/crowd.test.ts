import { expect, it } from "vitest";
import { variantsOf } from "./crowd.ts";
import { exactSeconds } from "./processor-time.ts";

it("viewers are split by the shares, at any number of them", () => {
  const counts = (viewers: number) => {
    const variants = variantsOf([0.1, 0.2, 0.7], viewers);
    return [0, 1, 2].map((variant) => variants.filter((one) => one === variant).length);
  };
  expect([1, 10, 100].map(counts)).toEqual([
    [0, 0, 1],
    [1, 2, 7],
    [10, 20, 70],
  ]);
});

it("a process's time grows with its work", () => {
  const before = exactSeconds([process.pid]);
  const until = process.cpuUsage().user + 50_000;
  while (process.cpuUsage().user < until);
  expect(exactSeconds([process.pid]) - before).toBeGreaterThan(0.03);
});
