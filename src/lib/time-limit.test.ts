import { EventEmitter, once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { withinSeconds } from "./time-limit.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("a time limit comes, also beside another signal and after garbage was collected", async () => {
  const outer = new AbortController();
  const server = new EventEmitter();
  const collecting = setInterval(collectGarbage, 20);
  const waiting = withinSeconds(0.3, outer.signal, (signal) => once(server, "never", { signal }));
  await expect(waiting).rejects.toMatchObject({ cause: { name: "TimeoutError" } });
  clearInterval(collecting);
});

it("the other signal ends it before", async () => {
  const outer = new AbortController();
  const waiting = withinSeconds(60, outer.signal, (signal) => once(new EventEmitter(), "never", { signal }));
  outer.abort();
  await expect(waiting).rejects.toMatchObject({ name: "AbortError", cause: outer.signal.reason });
});

it("work that ends in time has its result", async () => {
  expect(await withinSeconds(60, undefined, async ({ aborted }) => !aborted)).toBe(true);
});
