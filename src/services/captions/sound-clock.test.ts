import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SoundClock } from "./sound-clock.ts";

const rate = 16_000;
const startMs = Date.UTC(2026, 10, 30, 9);

describe("the time of a sample", () => {
  it("is when it was made, though it comes late and in lumps", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 20, maxLength: 60 }), (latenessMs) => {
        const clock = new SoundClock(rate);
        // Some sound comes as fast as the line is.
        const all = [...latenessMs, 0, 0];
        let arrivedMs = startMs;
        for (const [at, late] of all.entries()) {
          arrivedMs = Math.max(arrivedMs, startMs + (at + 1) * 100 + late);
          clock.arrived(rate / 10, arrivedMs);
        }
        const last = all.length * (rate / 10);
        const errorMs = (clock.timeOf(last) ?? 0) - (startMs + all.length * 100);
        return errorMs > -0.001 && errorMs < 900;
      }),
    ));

  it("is exact as soon as one piece was not late", () => {
    const clock = new SoundClock(rate);
    for (const [at, late] of [700, 600, 650, 0, 500, 800].entries())
      clock.arrived(rate, startMs + (at + 1) * 1000 + late);
    expect(clock.timeOf(4.5 * rate)).toBeCloseTo(startMs + 4500, -1);
    expect(clock.sampleAt(startMs + 4500) / rate).toBeCloseTo(4.5, 2);
  });

  it("goes on after a gap, and the sound before it keeps its time", () => {
    const clock = new SoundClock(rate);
    for (let at = 1; at <= 10; at++) clock.arrived(rate, startMs + at * 1000);
    clock.restart(10 * rate);
    for (let at = 1; at <= 10; at++) clock.arrived(rate, startMs + 60_000 + at * 1000);
    expect(clock.timeOf(5 * rate)).toBeCloseTo(startMs + 5000, -1);
    expect(clock.timeOf(15 * rate)).toBeCloseTo(startMs + 65_000, -1);
    expect(clock.sampleAt(startMs + 30_000)).toBe(10 * rate);
    expect(clock.sampleAt(startMs + 65_000) / rate).toBeCloseTo(15, 2);
  });

  it("is found again after the network stood still and sends everything at once", () => {
    const clock = new SoundClock(rate);
    for (let at = 1; at <= 10; at++) clock.arrived(rate, startMs + at * 1000);
    for (let at = 11; at <= 15; at++) clock.arrived(rate, startMs + 15_000 + at);
    for (let at = 16; at <= 20; at++) clock.arrived(rate, startMs + at * 1000);
    for (const second of [12.5, 17]) expect(clock.timeOf(second * rate)).toBeCloseTo(startMs + second * 1000, -2);
  });

  it("follows a microphone whose clock is slow", () => {
    const clock = new SoundClock(rate);
    for (let at = 1; at <= 3600; at++) clock.arrived(rate, startMs + at * 1000 * 1.0002);
    expect(clock.timeOf(3600 * rate)).toBeCloseTo(startMs + 3600 * 1000.2, -2);
  });

  it("is unknown before any sound", () => {
    const clock = new SoundClock(rate);
    expect(clock.timeOf(0)).toBeUndefined();
    expect(clock.sampleAt(startMs)).toBe(0);
  });

  it("costs no memory in a flood", () => {
    const clock = new SoundClock(rate);
    for (let at = 1; at <= 100_000; at++) clock.arrived(rate * 3, startMs + at);
    expect(clock.timeOf(clock.samples)).toBeGreaterThan(0);
  });
});
