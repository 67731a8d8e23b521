import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FlvTag, flvType } from "../../media/flv.ts";
import { StreamMeasures } from "./stream-measures.ts";

/** A camera of `fps` frames a second, a keyframe every `keyframeSeconds`, whose media take `slowness` times as long to arrive. */
interface Filming {
  readonly seconds: number;
  readonly fps?: number;
  readonly keyframeSeconds?: number;
  readonly slowness?: number;
  readonly hasSound?: boolean;
  readonly hasVideo?: boolean;
  readonly fromMs?: number;
}

const frameBytes = 10_000;
const soundBytes = 500;
const avcFrame = (isKeyframe: boolean) => Buffer.alloc(frameBytes, 1).fill(isKeyframe ? 0x17 : 0x27, 0, 1);
const aacSetUp = Buffer.from([0xaf, 0, 0x11, 0x90]);
const aac = Buffer.alloc(soundBytes, 1).fill(0xaf, 0, 1);

function film(filming: Filming, stand = startWatch()) {
  const {
    seconds,
    fps = 25,
    keyframeSeconds = 2,
    slowness = 1,
    hasSound = true,
    hasVideo = true,
    fromMs = 0,
  } = filming;
  const count = (type: number, timestampMs: number, data: Buffer) =>
    stand.watch.count({ type, timestampMs, data } satisfies FlvTag);
  const began = stand.clock.now;
  if (hasSound) count(flvType.audio, fromMs, aacSetUp);
  for (let frame = 0; frame < seconds * fps; frame++) {
    const timestampMs = (frame * 1000) / fps;
    stand.clock.now = began + timestampMs * slowness;
    if (hasVideo) count(flvType.video, fromMs + timestampMs, avcFrame(frame % (keyframeSeconds * fps) === 0));
    if (hasSound) count(flvType.audio, fromMs + timestampMs, aac);
  }
  return stand;
}

function startWatch() {
  const clock = { now: 1000 };
  return { clock, watch: new StreamMeasures(() => clock.now) };
}
const factsOf = (filming: Filming) => film(filming).watch.facts();

describe("a measured stream", () => {
  it("has codecs, rates and keyframe intervals", () => {
    expect(factsOf({ seconds: 20 })).toMatchObject({
      ...{ videoCodec: "h264", audioCodec: "aac", sampleRate: 48_000, channels: 2 },
      ...{ fps: 25, keyframeSeconds: { median: 2, longest: 2 }, speed: 1, heldUp: 0 },
    });
    const { videoKbps = 0, audioKbps = 0 } = factsOf({ seconds: 20 });
    expect(Math.abs(videoKbps - (frameBytes * 8 * 25) / 1000)).toBeLessThan(50);
    expect(Math.abs(audioKbps - (soundBytes * 8 * 25) / 1000)).toBeLessThan(5);
  });

  it("has no values before enough has arrived", () => {
    const { fps, videoKbps, keyframeSeconds, speed, audioCodec } = factsOf({ seconds: 1, hasSound: false });
    expect({ fps, videoKbps, keyframeSeconds, speed, audioCodec }).toEqual({});
  });

  it("has no codec for a track that has not come after some seconds", () => {
    expect(factsOf({ seconds: 5, hasSound: false })).toMatchObject({ videoCodec: "h264", audioCodec: null });
    expect(factsOf({ seconds: 5, hasVideo: false })).toMatchObject({ videoCodec: null, audioCodec: "aac" });
  });

  it("with a single keyframe has an interval that still grows", () => {
    expect(factsOf({ seconds: 12, keyframeSeconds: 100 }).keyframeSeconds?.longest).toBeCloseTo(12, 0);
  });

  it("with one late keyframe has both its usual and its longest interval", () => {
    const stand = film({ seconds: 20 });
    film({ seconds: 12, keyframeSeconds: 100, fromMs: 20_000 }, stand);
    film({ seconds: 6, fromMs: 32_000 }, stand);
    expect(stand.watch.facts().keyframeSeconds).toEqual({ median: 2, longest: 12 });
  });

  it("with several tags for each frame has the rates and keyframes of its frames", () => {
    const stand = startWatch();
    for (let frame = 0; frame < 250; frame++) {
      const timestampMs = frame * 40;
      stand.clock.now = 1000 + timestampMs;
      for (let slice = 0; slice < 4; slice++)
        stand.watch.count({ type: flvType.video, timestampMs, data: avcFrame(frame % 50 === 0) });
    }
    expect(stand.watch.facts()).toMatchObject({ fps: 25, keyframeSeconds: { median: 2, longest: 2 } });
  });

  it("with timestamps that go back a little has no interval below zero", () => {
    const stand = startWatch();
    for (const timestampMs of [0, 4000, 3900, 8000, 7900])
      stand.watch.count({ type: flvType.video, timestampMs, data: avcFrame(true) });
    expect(stand.watch.facts().keyframeSeconds).toEqual({ median: 4, longest: 4 });
  });

  it("with any timestamps at any speed has finite values that are not below zero", () => {
    const piece = fc.record({
      type: fc.constantFrom(flvType.video, flvType.audio),
      timestampMs: fc.oneof(fc.nat(20_000), fc.nat(2 ** 32 - 1)),
      passedMs: fc.nat(3000),
      isKeyframe: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { clock, watch } = startWatch();
        for (const { type, timestampMs, passedMs, isKeyframe } of pieces) {
          clock.now += passedMs;
          watch.count({ type, timestampMs, data: type === flvType.video ? avcFrame(isKeyframe) : aac });
          const { keyframeSeconds, fps = 0, videoKbps = 0, audioKbps = 0, speed = 0, heldUp = 0 } = watch.facts();
          const { median = 0, longest = 0 } = keyframeSeconds ?? {};
          for (const value of [median, longest, fps, videoKbps, audioKbps, speed, heldUp])
            expect(value >= 0 && Number.isFinite(value)).toBe(true);
        }
      }),
    );
  });

  it("that is slower than live gets its speed from its timestamps", () => {
    expect(factsOf({ seconds: 20, slowness: 2 })).toMatchObject({ speed: 0.5, fps: 25 });
  });

  it("shows if the camera had to wait", () => {
    const stand = film({ seconds: 20, slowness: 2 });
    for (let second = 0; second < 5; second++) stand.watch.heldUp(800);
    expect(stand.watch.facts().heldUp).toBeGreaterThan(0.3);
  });

  it("with timestamps that start again is measured again", () => {
    const stand = film({ seconds: 20 });
    film({ seconds: 20 }, stand);
    expect(stand.watch.facts()).toMatchObject({ speed: 1, fps: 25, keyframeSeconds: { longest: 2 } });
  });

  it("has the values of its last seconds", () => {
    const stand = film({ seconds: 20, fps: 50 });
    film({ seconds: 20, fps: 10, fromMs: 20_000 }, stand);
    expect(stand.watch.facts()).toMatchObject({ fps: 10 });
  });
});
