import { describe, expect, it } from "vitest";
import { levels } from "../../codegen/schema/owncast/ladder.ts";
import { cameraPicture, keyframeSeconds, segmentSeconds, usualBitrateKbps } from "./camera-needs.ts";

const sd = { name: "SD", width: 854, height: 480, framerate: 30, bitrateKbps: 1000 };
const hd = { name: "HD", width: 1280, height: 720, framerate: 25, bitrateKbps: 4000 };

describe("the format asked of a camera", () => {
  it("has the size of the largest rendition, wherever the ladder lists it, and the bitrate of the best", () =>
    expect(cameraPicture([hd, sd])).toEqual({ width: 1280, height: 720, framerate: 25, bitrateKbps: 4000 }));
  it("has usual proportions and a usual size if the renditions leave them open", () => {
    const { width: _, ...tall } = { ...hd, height: 1080 };
    expect(cameraPicture([tall])).toEqual({ width: 1920, height: 1080, framerate: 25, bitrateKbps: 4700 });
    expect(cameraPicture([{ name: "4K", framerate: 60, bitrateKbps: 12_000 }])).toEqual({
      ...{ width: 1280, height: 720, framerate: 60, bitrateKbps: 12_000 },
    });
  });
  it("has the usual bitrate for its size if the renditions need less", () =>
    expect(cameraPicture([sd])).toEqual({ width: 854, height: 480, framerate: 30, bitrateKbps: 1100 }));
  it.each([
    ["no ladder", undefined],
    ["a passthrough ladder", [{ name: "Source", passthrough: true as const }]],
  ])("is a usual one with %s", (_, ladder) =>
    expect(cameraPicture(ladder)).toEqual({ width: 1280, height: 720, framerate: 30, bitrateKbps: 2500 }),
  );
});

describe("with a passthrough rendition", () => {
  const source = { name: "Source", passthrough: true as const };
  it("the format is at least a usual one, at the ladder's frame rate", () =>
    expect(cameraPicture([{ ...sd, framerate: 25 }, source])).toEqual({
      ...{ width: 1280, height: 720, framerate: 25, bitrateKbps: 2100 },
    }));
  it("the frame is as large as the largest rendition", () =>
    expect(cameraPicture([{ ...hd, width: 1920, height: 1080 }, source])).toMatchObject({ width: 1920, height: 1080 }));
  it("the camera's known values take precedence", () =>
    expect(cameraPicture([sd, source], { width: 1920, height: 1080, bitrateKbps: 9000 })).toEqual({
      ...{ width: 1920, height: 1080, framerate: 30, bitrateKbps: 9000 },
    }));
  it.each(levels)("each segment of latency %s starts with the only keyframe in it", (latency) =>
    expect(keyframeSeconds(latency, true)).toBe(segmentSeconds(latency)),
  );
});

it.each(levels)("the keyframe interval divides the segment length of latency %s", (latency) => {
  expect(segmentSeconds(latency) % keyframeSeconds(latency)).toBe(0);
});
it("segments are as long as Owncast makes them", () => {
  expect([...levels.map(segmentSeconds), segmentSeconds()]).toEqual([1, 2, 3, 4, 5, 3]);
});

it.each([
  [{ width: 1280, height: 720, fps: 30 }, 2500],
  [{ width: 1920, height: 1080, fps: 30 }, 5600],
  [{ width: 160, height: 90, fps: 10 }, 300],
  [{ width: 3840, height: 2160, fps: 60 }, 20_000],
])("the usual bitrate follows from the format: %o", (size, kbps) => expect(usualBitrateKbps(size)).toBe(kbps));
