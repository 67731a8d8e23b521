import { describe, expect, it } from "vitest";
import { sample } from "../../checks/lib/exhaustive.ts";
import { type ClipOptions, makeClip } from "../../checks/lib/stream/clip.ts";
import { decodeSegment } from "./decode-segment.ts";

const startMs = Date.UTC(2024, 4, 6, 17, 8, 39, 42);

/** The expected clock of each frame, in ms since the epoch. */
const expectedClocks = (fps: number, seconds: number) =>
  Array.from({ length: fps * seconds }, (_, index) => Math.round(startMs + (index * 1000) / fps));

describe("the decoder reads the clock of every frame", () => {
  const sizes: readonly (ClipOptions & { from: string })[] = [
    { from: "the smallest rendition", width: 426, height: 240, bitrateKbps: 300 },
    {
      from: "a small rendition of a large camera",
      width: 426,
      height: 240,
      bitrateKbps: 300,
      camera: { width: 1920, height: 1080 },
    },
    {
      from: "a size that is no multiple of the strip's",
      width: 854,
      height: 480,
      bitrateKbps: 800,
      camera: { width: 1280, height: 720 },
    },
    {
      from: "a rendition larger than the camera",
      width: 1280,
      height: 720,
      bitrateKbps: 1400,
      camera: { width: 640, height: 360 },
    },
    { from: "full size", width: 1920, height: 1080, bitrateKbps: 3000 },
    { from: "60 frames a second", width: 640, height: 360, fps: 60, bitrateKbps: 600 },
    { from: "a size that is no multiple of five", width: 162, height: 94, bitrateKbps: 300 },
  ];
  it.each(sample("sizes of a frame with a clock", sizes, 3))(
    "$from: $width x $height",
    async ({ from: _, ...clip }) => {
      const decoded = await decodeSegment(await makeClip({ ...clip, startMs }));
      expect(decoded).toMatchObject({ width: clip.width, height: clip.height, hasAudio: true });
      expect(decoded.clocksMs).toEqual(expectedClocks(clip.fps ?? 30, 1));
    },
  );
});

describe("the decoder reads no clock", () => {
  it.each(["pattern", "black"] as const)("in a %s frame", async (shows) => {
    const { clocksMs } = await decodeSegment(await makeClip({ width: 426, height: 240, shows }));
    expect(clocksMs).toEqual(Array.from({ length: 30 }, () => undefined));
  });
});

describe("a segment", () => {
  it("is recognised as black by its brightness, and a pattern is not", async () => {
    const black = await decodeSegment(await makeClip({ width: 426, height: 240, shows: "black" }));
    expect(black.meanLuma).toBeLessThan(20);
    expect(black.lumaSpread).toBeLessThan(2);
    const pattern = await decodeSegment(await makeClip({ width: 426, height: 240, shows: "pattern" }));
    expect(pattern.meanLuma).toBeGreaterThan(60);
    expect(pattern.lumaSpread).toBeGreaterThan(20);
  });

  it("is recognised as silent", async () => {
    const decoded = await decodeSegment(await makeClip({ width: 426, height: 240, silent: true }));
    expect(decoded).toMatchObject({ hasAudio: false, loudestDbfs: undefined });
  });

  it("is recognised as one with a tone, or with a silent sound track", async () => {
    const tone = await decodeSegment(await makeClip({ width: 426, height: 240 }));
    expect(tone.loudestDbfs).toBeGreaterThan(-40);
    const muted = await decodeSegment(await makeClip({ width: 426, height: 240, muted: true }));
    expect(muted).toMatchObject({ hasAudio: true, loudestDbfs: Number.NEGATIVE_INFINITY });
  });

  it("is refused if it has no keyframe", async () => {
    const clip = await makeClip({ width: 426, height: 240, seconds: 2 });
    const packet = 188;
    const late = clip.subarray(Math.floor(clip.length / packet / 3) * packet);
    await expect(decodeSegment(late)).rejects.toMatchObject({ name: "SegmentError" });
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["an error page", Buffer.from("<html><body>404 page not found</body></html>")],
    ["zeros", Buffer.alloc(40_000)],
  ])("is refused if it is %s", async (_, bytes) => {
    await expect(decodeSegment(bytes)).rejects.toMatchObject({ name: "SegmentError" });
  });

  it("is refused if its decoder takes too long", async () => {
    const clip = await makeClip({ width: 426, height: 240 });
    await expect(decodeSegment(clip, { timeoutSeconds: 0.001 })).rejects.toThrow("not decoded within 0.001 s");
  });
});
