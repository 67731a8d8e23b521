import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlaybackBuffer, shortestStallMs } from "./playback-buffer.ts";

/** A buffer that got segments of 2 s at these times in ms. */
function fed(...times: number[]): PlaybackBuffer {
  const buffer = new PlaybackBuffer();
  for (const time of times) buffer.append(time, 2);
  return buffer;
}

describe("the buffer", () => {
  it("has played nothing before its first segment", () => {
    const buffer = new PlaybackBuffer();
    expect(buffer.isStalled(60_000)).toBe(false);
    expect(buffer.sum(60_000)).toEqual({ watchedSeconds: 0, stalledSeconds: 0, stalls: 0 });
  });

  it("fills with segments and drains in real time", () => {
    const buffer = fed(1000, 1100);
    expect([1100, 3000, 5000, 6000].map((now) => buffer.levelSeconds(now))).toEqual([3.9, 2, 0, 0]);
  });

  it("stalls from the moment it is empty until the next segment", () => {
    const buffer = fed(0);
    expect([2050, 2500].map((now) => buffer.isStalled(now))).toEqual([false, true]);
    expect(buffer.append(3000, 2)).toEqual({ fromMs: 2000, toMs: 3000 });
    expect(buffer.levelSeconds(3000)).toBe(2);
    expect(buffer.sum(4000)).toEqual({ watchedSeconds: 4, stalledSeconds: 1, stalls: 1 });
  });

  it("counts a stall that still lasts", () =>
    expect(fed(0).sum(10_000)).toEqual({ watchedSeconds: 10, stalledSeconds: 8, stalls: 1 }));

  it("counts no pause that nobody sees", () => {
    const buffer = fed(0);
    expect(buffer.append(2000 + shortestStallMs - 1, 2)).toBeUndefined();
    expect(buffer.sum(3000).stalls).toBe(0);
  });

  it("does not stall when the stream is over and all of it was shown", () =>
    expect(fed(0, 100).sum(60_000, 2000)).toEqual({ watchedSeconds: 4, stalledSeconds: 0, stalls: 0 }));

  it("keeps a stall that began before the stream was over", () =>
    expect(fed(0).sum(60_000, 5000)).toEqual({ watchedSeconds: 5, stalledSeconds: 3, stalls: 1 }));

  it("never shows more video than it got, nor waits while it has some", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 40 }), (gaps) => {
        const buffer = new PlaybackBuffer();
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          buffer.append(now, 2);
        }
        const { watchedSeconds, stalledSeconds } = buffer.sum(now);
        const shown = watchedSeconds - stalledSeconds;
        const invisible = (gaps.length * shortestStallMs) / 1000;
        expect(shown + buffer.levelSeconds(now)).toBeGreaterThanOrEqual(2 * gaps.length - 1e-6);
        expect(shown + buffer.levelSeconds(now)).toBeLessThanOrEqual(2 * gaps.length + invisible + 1e-6);
      }),
    ));
});
