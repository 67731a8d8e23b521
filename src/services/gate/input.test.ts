import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Claimant, Input } from "./input.ts";
import { gateLimits } from "./limits.ts";
import type { Refusal } from "./refusal.ts";

const limits = { ...gateLimits, takeOverMs: 300, busyMs: 100, owncastMs: 500, waiting: 2 };

/** A publisher that wants the input with a key of this name. */
function claimant(name: string, input: Input) {
  const gone = new AbortController();
  const one = {
    key: { name, secret: name, value: name, interprets: undefined },
    silentMs: 0,
    isOnAir: false,
    why: undefined as Refusal | undefined,
    end(why: Refusal) {
      one.why ??= why;
      gone.abort();
    },
    /** Resolves to the refusal's text, or to nothing if it has the input. */
    claim: (): Promise<string | undefined> =>
      input.claim(one satisfies Claimant, gone.signal).then(
        () => undefined,
        (error: Error) => one.why?.message ?? error.message,
      ),
  };
  return one;
}

describe("an input", () => {
  it("with a full queue lets a waiting publisher reconnect, in place of its older connection", async () => {
    const input = new Input({ ...limits, busyMs: 5000 }, () => performance.now());
    const first = claimant("first", input);
    await first.claim();
    first.isOnAir = true;
    const [second, third, again] = ["second", "third", "third"].map((name) => claimant(name, input));
    void second?.claim();
    const older = third?.claim();
    const newer = again?.claim();
    expect(await older).toBe("a newer connection with the same key has taken over");
    await sleep(100);
    expect(input.waiting).toBe(2);
    second?.end(new Error("gone") as Refusal);
    input.release(first);
    expect(await newer).toBeUndefined();
    expect(input.holder).toBe(again);
    expect(input.waiting).toBe(0);
  });

  it("says that a publisher is on air only if it is", async () => {
    const input = new Input(limits, () => performance.now());
    const first = claimant("first", input);
    await first.claim();
    const started = performance.now();
    expect(await claimant("second", input).claim()).toBe("another publisher waits for Owncast already: first");
    expect(performance.now() - started).toBeGreaterThan(450);
    const third = claimant("third", input).claim();
    await sleep(250);
    first.isOnAir = true;
    expect(await third).toBe("another publisher is on air: first");
  });

  it("goes to the waiting publisher if the previous one gives up waiting for Owncast", async () => {
    const input = new Input(limits, () => performance.now());
    const first = claimant("first", input);
    await first.claim();
    const second = claimant("second", input).claim();
    await sleep(250);
    input.release(first);
    expect(await second).toBeUndefined();
  });
});
