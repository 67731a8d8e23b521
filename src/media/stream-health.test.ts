import { describe, expect, it } from "vitest";
import { judgeStream, type StreamFacts, type StreamNeeds } from "./stream-health.ts";

const good: StreamFacts = {
  ...{ videoCodec: "h264", profileIdc: 100, chromaFormatIdc: 1, bitDepth: 8, interlaced: false },
  ...{ width: 1280, height: 720, fps: 30, videoKbps: 2500, keyframeSeconds: { median: 2, longest: 2.01 } },
  ...{ audioCodec: "aac", audioKbps: 128, sampleRate: 48_000, channels: 2, loudestDbfs: -9, speed: 1 },
};
const encoded: StreamNeeds = {
  ...{ segmentSeconds: 2, hasPassthrough: false, hasEncoded: true },
  ...{ tallest: { width: 1280, height: 720 }, fastestFps: 30, highestKbps: 1408 },
};
const beside: StreamNeeds = { ...encoded, hasPassthrough: true };
const passed: StreamNeeds = { segmentSeconds: 2, hasPassthrough: true };

interface Case {
  readonly claim: string;
  readonly facts?: StreamFacts;
  readonly needs?: StreamNeeds;
  readonly finds: readonly string[];
}

describe("a camera", () => {
  it.each<Case>([
    { claim: "that sends what is asked for is well", finds: [] },
    { claim: "that sends what is asked for is well where it is passed on", needs: beside, finds: [] },
    { claim: "of HEVC is refused", facts: { videoCodec: "hevc" }, finds: ["error videoCodec"] },
    { claim: "of AV1 is refused", facts: { videoCodec: "av1" }, finds: ["error videoCodec"] },
    { claim: "without video is named", facts: { videoCodec: null }, finds: ["error noVideoStream"] },
    {
      claim: "of 4:2:2 shows no video where it is passed on",
      facts: { profileIdc: 122, chromaFormatIdc: 2 },
      needs: beside,
      finds: ["error videoProfile"],
    },
    {
      claim: "of 10 bit shows no video where it is passed on",
      facts: { profileIdc: 110, bitDepth: 10 },
      needs: passed,
      finds: ["error videoProfile"],
    },
    {
      claim: "of 4:4:4 shows no video where it is passed on",
      facts: { profileIdc: 244, chromaFormatIdc: 3 },
      needs: passed,
      finds: ["error videoProfile"],
    },
    {
      claim: "of 4:2:2 is well where all is encoded, for Owncast converts it",
      facts: { profileIdc: 122, chromaFormatIdc: 2 },
      finds: [],
    },
    { claim: "of a 4:2:2 profile that sends 4:2:0 is well", facts: { profileIdc: 122 }, needs: passed, finds: [] },
    { claim: "that is interlaced is named", facts: { interlaced: true }, finds: ["warning interlacedVideo"] },
    {
      claim: "smaller than the ladder is named",
      facts: { width: 640, height: 360 },
      finds: ["warning videoResolutionSuboptimal"],
    },
    { claim: "held upright is not too small", facts: { width: 720, height: 1280 }, finds: [] },
    { claim: "slower than the ladder is named", facts: { fps: 24 }, finds: ["warning frameRateLow"] },
    { claim: "of 29.97 frames serves a rendition of 30", facts: { fps: 29.97 }, finds: [] },
    {
      claim: "that sends less than the best rendition is named",
      facts: { videoKbps: 900 },
      finds: ["warning bitrateLow"],
    },
    {
      claim: "that sends more than viewers can carry is named where it is passed on",
      facts: { videoKbps: 12_000 },
      needs: beside,
      finds: ["warning bitrateHigh"],
    },
    { claim: "that sends much is well where all is encoded", facts: { videoKbps: 12_000 }, finds: [] },
    {
      claim: "whose keyframes are longer than a segment stops players that change to it",
      facts: { keyframeSeconds: { median: 8.3, longest: 8.3 } },
      needs: beside,
      finds: ["error gopSizeLong"],
    },
    {
      claim: "with one late keyframe stops players that change to it",
      facts: { keyframeSeconds: { median: 2, longest: 12 } },
      needs: beside,
      finds: ["error gopSizeLong"],
    },
    {
      claim: "whose keyframes are longer than a segment is further behind where nothing else is offered",
      facts: { keyframeSeconds: { median: 4, longest: 4 } },
      needs: passed,
      finds: ["warning gopSizeLong"],
    },
    {
      claim: "whose keyframes do not divide a segment is named",
      facts: { keyframeSeconds: { median: 1.5, longest: 1.5 } },
      needs: beside,
      finds: ["warning gopMismatch"],
    },
    {
      claim: "whose keyframes divide a segment is well",
      facts: { keyframeSeconds: { median: 1, longest: 1 } },
      needs: beside,
      finds: [],
    },
    {
      claim: "of long keyframes is well where all is encoded",
      facts: { keyframeSeconds: { median: 8, longest: 10 } },
      finds: [],
    },
    { claim: "without a sound track is refused", facts: { audioCodec: null }, finds: ["error noAudioStream"] },
    { claim: "of MP3 is refused", facts: { audioCodec: "mp3" }, finds: ["error audioCodec"] },
    {
      claim: "that is muted is named",
      facts: { loudestDbfs: Number.NEGATIVE_INFINITY },
      finds: ["warning audioSilent"],
    },
    { claim: "of noise alone is named", facts: { loudestDbfs: -72 }, finds: ["warning audioSilent"] },
    { claim: "in a quiet room is well", facts: { loudestDbfs: -48 }, finds: [] },
    {
      claim: "slower than live is named",
      facts: { speed: 0.7 },
      finds: ["error videoIngestionStarved"],
    },
    {
      claim: "that Owncast takes too slowly is not to blame, nor for the bitrate that is left",
      facts: { speed: 0.5, heldUp: 0.45, videoKbps: 1000 },
      finds: ["error encoderOverloaded"],
    },
    {
      claim: "faster than live is named",
      facts: { speed: 1.5 },
      finds: ["warning videoIngestionFasterThanRealtime"],
    },
  ])("$claim", ({ facts = {}, needs = encoded, finds }) =>
    expect(judgeStream({ ...good, ...facts }, needs).map(({ severity, id }) => `${severity} ${id}`)).toEqual(finds),
  );

  it.each([0, Number.NaN, -1])("whose keyframes are %d s apart was not measured, and is not judged", (median) =>
    expect(judgeStream({ ...good, keyframeSeconds: { median, longest: 1 } }, beside)).toEqual([]),
  );

  it("of which nothing was measured is not judged", () => expect(judgeStream({}, beside)).toEqual([]));

  it("is not judged by what the stage does not ask for", () =>
    expect(judgeStream({ width: 320, height: 180, fps: 5, videoKbps: 50 }, { hasPassthrough: false })).toEqual([]));

  it("has its errors named first", () =>
    expect(
      judgeStream({ ...good, fps: 10, audioCodec: null, videoKbps: 10 }, encoded).map(({ severity }) => severity),
    ).toEqual(["error", "warning", "warning"]));

  it("is told what it sends, what the stage wants and where that is set", () => {
    const [finding] = judgeStream({ ...good, keyframeSeconds: { median: 8.3, longest: 8.34 } }, beside);
    expect(finding?.says).toContain("8.3 s pass between keyframes, more than a segment lasts (2 s)");
    expect(finding?.remedy).toContain("set the keyframe interval to 2 s");
  });
});
