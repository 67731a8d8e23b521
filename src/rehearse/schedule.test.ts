import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Schedule, type Ticker } from "./schedule.ts";

/** Time that passes only when a test says so, and only one timer at a time. */
function manualTicker() {
  let [now, timers] = [0, 0];
  let waiting: { atMs: number; run: () => void } | undefined;
  const ticker: Ticker = {
    now: () => now,
    after(ms, run) {
      const timer = { atMs: now + ms, run };
      waiting = timer;
      timers += 1;
      return () => {
        if (waiting === timer) waiting = undefined;
      };
    },
  };
  const passTo = (ms: number) => {
    while (waiting && waiting.atMs <= ms) {
      const { atMs, run } = waiting;
      waiting = undefined;
      now = Math.max(now, atMs);
      run();
    }
    now = ms;
  };
  return { ticker, passTo, waits: () => waiting !== undefined, timers: () => timers };
}

describe("the schedule", () => {
  it("runs every task in the order of its time, each once", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), (times) => {
        const { ticker, passTo } = manualTicker();
        const schedule = new Schedule(ticker);
        const ran: number[] = [];
        for (const time of times) schedule.after(time, () => ran.push(time));
        passTo(50);
        expect(ran).toEqual([...times].sort((a, b) => a - b));
      }),
    ));

  it("waits with one timer for any number of tasks", () => {
    const { ticker, timers } = manualTicker();
    const schedule = new Schedule(ticker);
    for (let number = 0; number < 1000; number++) schedule.after(10 + number, () => {});
    expect(timers()).toBe(1);
  });

  it("repeats a task without drift", () => {
    const { ticker, passTo } = manualTicker();
    const schedule = new Schedule(ticker);
    const at: number[] = [];
    schedule.every(10, () => at.push(ticker.now()), 0);
    for (const ms of [3, 14, 20, 21, 40]) passTo(ms);
    expect(at).toEqual([0, 10, 20, 30, 40]);
  });

  it("does not make up for repeats that a busy process missed", () => {
    let now = 0;
    const runs: (() => void)[] = [];
    const after: Ticker["after"] = (_, run) => {
      runs.push(run);
      return () => {};
    };
    const schedule = new Schedule({ now: () => now, after });
    let count = 0;
    schedule.every(10, () => (count += 1));
    now = 1000;
    runs.shift()!();
    expect(count).toBeLessThanOrEqual(2);
  });

  it("runs nothing after it was stopped, and leaves no timer", () => {
    const { ticker, passTo, waits } = manualTicker();
    const schedule = new Schedule(ticker);
    let ran = 0;
    schedule.after(5, () => {
      ran += 1;
      schedule.stop();
    });
    schedule.after(5, () => (ran += 1));
    schedule.every(1, () => {}, 6);
    passTo(20);
    schedule.after(1, () => (ran += 1));
    expect(waits()).toBe(false);
    passTo(40);
    expect({ ran, waits: waits() }).toEqual({ ran: 1, waits: false });
  });
});
