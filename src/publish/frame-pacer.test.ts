import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type PacerOptions, paceFrames } from "./frame-pacer.ts";

/** Runs the pacer for a while; resolves to the times of its frames and the number of skipped frames. */
async function pace(
  milliseconds: number,
  options: Partial<PacerOptions>,
): Promise<{ times: number[]; skipped: number }> {
  const times: number[] = [];
  let skipped = 0;
  const ending = new AbortController();
  const paced = paceFrames({
    fps: 50,
    frame: (timeMs) => {
      times.push(timeMs);
      return new Uint8Array(8);
    },
    sink: new Writable({ write: (_chunk, _encoding, done) => done() }),
    isBehind: () => false,
    onSkip: (frames) => {
      skipped += frames;
    },
    signal: ending.signal,
    ...options,
  });
  await sleep(milliseconds);
  ending.abort();
  await paced;
  return { times, skipped };
}

const steps = (times: readonly number[]) => times.slice(1).map((time, index) => time - times[index]!);

describe("frames", () => {
  it("carry the time at which they are due, at equal intervals, at the requested rate", async () => {
    const before = Date.now();
    const { times, skipped } = await pace(600, {});
    expect(Math.abs(times[0]! - before)).toBeLessThan(500);
    // A whole multiple, if this machine is so busy that the pacer skips frames.
    for (const step of steps(times))
      expect(Math.abs(step - Math.max(1, Math.round(step / 20)) * 20)).toBeLessThanOrEqual(2);
    expect(times.length).toBeLessThanOrEqual(32);
    expect(times.length + skipped).toBeGreaterThan(10);
  });

  it("are delayed and then skipped while nobody reads them", async () => {
    let blocked = false;
    setTimeout(() => (blocked = true), 100);
    setTimeout(() => (blocked = false), 1600);
    const { times, skipped } = await pace(2000, { isBehind: () => blocked });
    const gap = Math.max(...steps(times));
    expect(skipped).toBeGreaterThan(50);
    expect(gap).toBeGreaterThan(1000);
    // On time again: the last frame shows the present time, not the time before the block.
    expect(Date.now() - times.at(-1)!).toBeLessThan(1000);
  });

  it("wait for a full sink", async () => {
    const sink = new Writable({ highWaterMark: 8, write: (_chunk, _encoding, done) => void setTimeout(done, 100) });
    const { times } = await pace(500, { sink });
    expect(times.length).toBeLessThan(10);
  });

  it.each([
    ["its sink is gone", {}],
    ["its sink is gone while nobody reads frames", { isBehind: () => true }],
  ])("end if %s", async (_, options) => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const paced = paceFrames({
      fps: 50,
      frame: () => new Uint8Array(8),
      isBehind: () => false,
      onSkip: () => {},
      signal: new AbortController().signal,
      sink,
      ...options,
    });
    sink.destroy();
    await paced;
  });
});
