import { EventEmitter, once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { withinSeconds } from "./time-limit.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("a time limit takes effect, even if there is another signal and garbage was collected", async () => {
  const outer = new AbortController();
  const server = new EventEmitter();
  const collecting = setInterval(collectGarbage, 20);
  const waiting = withinSeconds(0.3, outer.signal, (signal) => once(server, "never", { signal }));
  await expect(waiting).rejects.toMatchObject({ cause: { name: "TimeoutError" } });
  clearInterval(collecting);
});

it("the other signal ends the work before the time limit", async () => {
  const outer = new AbortController();
  const waiting = withinSeconds(60, outer.signal, (signal) => once(new EventEmitter(), "never", { signal }));
  outer.abort();
  await expect(waiting).rejects.toMatchObject({ name: "AbortError", cause: outer.signal.reason });
});

it("the result of work that ends in time is returned", async () => {
  expect(await withinSeconds(60, undefined, async ({ aborted }) => !aborted)).toBe(true);
});
