import { expect, it } from "vitest";
import { makeClip } from "../../checks/lib/stream/clip.ts";
import { readTransportStream } from "./transport-stream.ts";

const size = { width: 320, height: 180 };

it("counts the bytes of video and sound without their packets' headers", async () => {
  const clip = await makeClip({ ...size, seconds: 2, bitrateKbps: 800 });
  const { videoBytes, audioBytes, startsWithKeyframe } = readTransportStream(clip);
  expect(startsWithKeyframe).toBe(true);
  // Constant bitrate: 800 kbit/s for 2 s; ffmpeg's usual 128 kbit/s at most for the sound.
  expect(Math.abs(videoBytes - 200_000)).toBeLessThan(40_000);
  expect(audioBytes).toBeGreaterThan(5000);
  expect(videoBytes + audioBytes).toBeLessThan(clip.length);
  expect(videoBytes + audioBytes).toBeGreaterThan(clip.length * 0.85);
});

it("finds no sound if there is none", async () => {
  expect(readTransportStream(await makeClip({ ...size, silent: true })).audioBytes).toBe(0);
});

it("recognises a segment that starts between two keyframes", async () => {
  const packet = 188;
  const clip = await makeClip({ ...size, seconds: 2 });
  // Keep the tables, and remove the first half of the frames.
  const tables = clip.subarray(0, 3 * packet);
  const late = clip.subarray(Math.floor(clip.length / packet / 2) * packet);
  expect(readTransportStream(Buffer.concat([tables, late])).startsWithKeyframe).not.toBe(true);
});

it("reads the codecs and the times of the keyframes", async () => {
  const clip = readTransportStream(await makeClip({ ...size, seconds: 3, keyframeSeconds: 1 }));
  expect(clip).toMatchObject({ videoCodec: "h264", audioCodec: "aac", keyframesAtSeconds: [0, 1, 2] });
  expect(clip.sps).toMatchObject({ ...size, chromaFormatIdc: 1, bitDepth: 8, interlaced: false });
});

it.each([
  ["yuv422p", { profileIdc: 122, chromaFormatIdc: 2, bitDepth: 8 }],
  ["yuv444p", { profileIdc: 244, chromaFormatIdc: 3, bitDepth: 8 }],
  ["yuv420p10le", { profileIdc: 110, chromaFormatIdc: 1, bitDepth: 10 }],
] as const)("reads the format of %s", async (pixelFormat, sps) => {
  expect(readTransportStream(await makeClip({ ...size, pixelFormat })).sps).toMatchObject(sps);
});

it.each([
  ["nothing", Buffer.alloc(0)],
  ["an error page", Buffer.from("<html>404</html>".repeat(50))],
  ["packets without tables", Buffer.alloc(188 * 10, 0x47)],
])("finds nothing in %s", (_, bytes) => {
  expect(readTransportStream(bytes)).toEqual({ videoBytes: 0, audioBytes: 0, startsWithKeyframe: undefined });
});
