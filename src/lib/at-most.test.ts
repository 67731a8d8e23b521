import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { atMost } from "./at-most.ts";

it("runs all tasks, even if some fail, and never more than allowed at the same time", async () => {
  const run = atMost(2);
  let running = 0;
  let most = 0;
  const tasks = Array.from({ length: 9 }, (_, index) =>
    run(async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(index % 3);
      running -= 1;
      if (index % 4 === 0) throw new Error(`task ${index}`);
      return index;
    }),
  );
  const results = await Promise.allSettled(tasks);
  expect(results.map(({ status }) => status === "fulfilled")).toEqual(tasks.map((_, index) => index % 4 !== 0));
  expect(most).toBe(2);
});
