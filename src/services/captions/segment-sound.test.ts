import { expect, it } from "vitest";
import { makeClip } from "../../../checks/lib/stream/clip.ts";
import { findProgram } from "../../lib/programs.ts";
import { SegmentSounds, sampleRate } from "./segment-sound.ts";

const size = { width: 160, height: 90, fps: 10, bitrateKbps: 100 };
const second = sampleRate;
const sounds = () => new SegmentSounds(findProgram("ffmpeg"));
const loudness = (pcm: Buffer): number => {
  let peak = 0;
  for (let at = 0; at < pcm.length; at += 2) peak = Math.max(peak, Math.abs(pcm.readInt16LE(at)));
  return peak;
};

it("has a segment's sound in exactly the segment's length, and the first frame's timestamp", async () => {
  const heard = sounds();
  const { pcm, firstPts, fault } = await heard.next(await makeClip({ ...size, seconds: 2 }), 2 * second, false);
  expect({ length: pcm.length, fault }).toEqual({ length: 2 * second * 2, fault: undefined });
  // ffmpeg's timestamps begin at 1.4 s, with a frame of sound that comes before the picture's.
  expect(firstPts).toBe(127_920);
  expect(loudness(pcm)).toBeGreaterThan(500);
  expect(heard.counts.paddedSeconds).toBeLessThan(0.1);
});

it.each([
  ["is missing", undefined, "its file is missing"],
  ["is empty", Buffer.alloc(0), "its file is no video segment"],
  ["is an error page", Buffer.from("<html>502</html>".repeat(100)), "its file is no video segment"],
  ["is full of packets without meaning", Buffer.alloc(188 * 1000, 0x47), "its file is no video segment"],
])("is silent in its length where a segment's file %s", async (_, bytes, words) => {
  const { pcm, fault } = await sounds().next(bytes, second, true);
  expect({ length: pcm.length, loudness: loudness(pcm), fault }).toEqual({
    length: second * 2,
    loudness: 0,
    fault: words,
  });
});

it("is silent where a segment has no sound, and keeps its timestamp", async () => {
  const { pcm, firstPts, fault } = await sounds().next(await makeClip({ ...size, silent: true }), second, true);
  expect({ length: pcm.length, firstPts, fault }).toEqual({
    length: 2 * second,
    firstPts: 126_000,
    fault: "it has no sound",
  });
});

it("outlasts sound that is torn, or whose bytes are random", async () => {
  const clip = await makeClip({ ...size, seconds: 2 });
  const heard = sounds();
  for (let cut = 1; cut < 6; cut++) {
    const torn = Buffer.from(clip.subarray(0, Math.floor((clip.length * cut) / 6)));
    for (let at = 188 * 4 + 20; at < torn.length; at += 997) torn[at] = (at * 7919) % 256;
    const { pcm } = await heard.next(torn, 2 * second, false);
    expect(pcm.length).toBe(2 * second * 2);
  }
});

it("cuts what a segment has too much, and pads what it lacks", async () => {
  const heard = sounds();
  const clip = await makeClip({ ...size, seconds: 4 });
  expect((await heard.next(clip, second, false)).pcm.length).toBe(2 * second);
  expect(heard.counts.cutSeconds).toBeGreaterThan(2);
  const { pcm } = await heard.next(clip, 6 * second, false);
  expect(pcm.length).toBe(12 * second);
  expect(heard.counts.paddedSeconds).toBeGreaterThan(1.5);
});
