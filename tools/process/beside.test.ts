import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { beside } from "./beside.mjs";

const never = new AbortController().signal;

describe("work beside other work", () => {
  it("goes on at the same time, and its result is there for the other", async () => {
    const said: string[] = [];
    const result = await beside(
      never,
      async () => {
        said.push("aside begins");
        await Promise.resolve();
        said.push("aside ends");
        return 2;
      },
      async (aside) => {
        said.push("work begins");
        return 40 + (await aside);
      },
    );
    expect([result, said]).toEqual([42, ["aside begins", "work begins", "aside ends"]]);
  });

  it("rejects with what the other work throws, when the work beside it has been aborted and has cleaned up", async () => {
    let isClean = false;
    const aside = async (signal: AbortSignal) => {
      await once(signal, "abort");
      await new Promise(setImmediate);
      isClean = true;
      signal.throwIfAborted();
    };
    const failing = beside(never, aside, () => Promise.reject(new Error("the other work failed")));
    await expect(failing).rejects.toThrow("the other work failed");
    expect(isClean).toBe(true);
  });

  it("rejects with the fault of the work beside it where the other awaits it", async () => {
    const failing = beside(
      never,
      () => Promise.reject(new Error("no mirror")),
      async (aside) => {
        await new Promise(setImmediate);
        await aside;
      },
    );
    await expect(failing).rejects.toThrow("no mirror");
  });

  it("passes on an end that is asked for, with its reason", async () => {
    const asked = new AbortController();
    const running = beside(
      asked.signal,
      async (signal) => {
        await once(signal, "abort");
        throw signal.reason;
      },
      (aside) => aside,
    );
    asked.abort(new Error("Ctrl-C"));
    await expect(running).rejects.toThrow("Ctrl-C");
  });
});
