import { expect, it } from "vitest";
import { flvType } from "../media/flv.ts";
import { ratesOf, StreamMeter } from "./stream-meter.ts";

const picture = { type: flvType.video, timestampMs: 0, data: Buffer.from([0x27, 1, ...Array(998).fill(0)]) };
const sound = { type: flvType.audio, timestampMs: 0, data: Buffer.alloc(250) };

it("counts from the first frame to the end", () => {
  let nowMs = 5000;
  const meter = new StreamMeter(25, () => nowMs);
  meter.count(sound);
  expect(meter.stats()).toMatchObject({ seconds: 0, frames: 0, fps: 0 });
  for (let index = 0; index < 50; index++) {
    meter.count(picture);
    meter.count(sound);
    nowMs += 40;
  }
  meter.skip(3);
  meter.end();
  nowMs += 10_000;
  expect(meter.stats()).toEqual({
    seconds: 2,
    frames: 50,
    skippedFrames: 3,
    bytes: 62_750,
    fps: 25,
    speed: 1,
    bitrateKbps: 251,
  });
});

it("gives the rates since an earlier moment", () => {
  const earlier = { seconds: 10, frames: 300, skippedFrames: 0, bytes: 1_000_000 };
  const later = { seconds: 15, frames: 375, skippedFrames: 75, bytes: 1_500_000 };
  expect(ratesOf(later, 30, earlier)).toEqual({ fps: 15, speed: 0.5, bitrateKbps: 800 });
});
