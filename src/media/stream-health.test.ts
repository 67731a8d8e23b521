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
    { claim: "that sends the right format is accepted", finds: [] },
    { claim: "that sends the right format is accepted for passthrough", needs: beside, finds: [] },
    { claim: "of HEVC is refused", facts: { videoCodec: "hevc" }, finds: ["error videoCodec"] },
    { claim: "of AV1 is refused", facts: { videoCodec: "av1" }, finds: ["error videoCodec"] },
    { claim: "without video is reported", facts: { videoCodec: null }, finds: ["error noVideoStream"] },
    {
      claim: "of 4:2:2 shows no video with passthrough",
      facts: { profileIdc: 122, chromaFormatIdc: 2 },
      needs: beside,
      finds: ["error videoProfile"],
    },
    {
      claim: "of 10 bit shows no video with passthrough",
      facts: { profileIdc: 110, bitDepth: 10 },
      needs: passed,
      finds: ["error videoProfile"],
    },
    {
      claim: "of 4:4:4 shows no video with passthrough",
      facts: { profileIdc: 244, chromaFormatIdc: 3 },
      needs: passed,
      finds: ["error videoProfile"],
    },
    {
      claim: "of 4:2:2 is accepted if all renditions are encoded, because Owncast converts it",
      facts: { profileIdc: 122, chromaFormatIdc: 2 },
      finds: [],
    },
    { claim: "of a 4:2:2 profile that sends 4:2:0 is accepted", facts: { profileIdc: 122 }, needs: passed, finds: [] },
    { claim: "that is interlaced is reported", facts: { interlaced: true }, finds: ["warning interlacedVideo"] },
    {
      claim: "smaller than the ladder is reported",
      facts: { width: 640, height: 360 },
      finds: ["warning videoResolutionSuboptimal"],
    },
    { claim: "that is held upright is not too small", facts: { width: 720, height: 1280 }, finds: [] },
    {
      claim: "with a lower frame rate than the ladder is reported",
      facts: { fps: 24 },
      finds: ["warning frameRateLow"],
    },
    { claim: "of 29.97 frames/s is accepted for a rendition of 30", facts: { fps: 29.97 }, finds: [] },
    {
      claim: "that sends a lower bitrate than the best rendition is reported",
      facts: { videoKbps: 900 },
      finds: ["warning bitrateLow"],
    },
    {
      claim: "that sends a bitrate too high for viewers is reported with passthrough",
      facts: { videoKbps: 12_000 },
      needs: beside,
      finds: ["warning bitrateHigh"],
    },
    {
      claim: "that sends a high bitrate is accepted if all renditions are encoded",
      facts: { videoKbps: 12_000 },
      finds: [],
    },
    {
      claim: "whose keyframe interval is longer than a segment stops players that switch to its rendition",
      facts: { keyframeSeconds: { median: 8.3, longest: 8.3 } },
      needs: beside,
      finds: ["error gopSizeLong"],
    },
    {
      claim: "with one late keyframe stops players that switch to its rendition",
      facts: { keyframeSeconds: { median: 2, longest: 12 } },
      needs: beside,
      finds: ["error gopSizeLong"],
    },
    {
      claim: "whose keyframe interval is longer than a segment adds delay if there is no other rendition",
      facts: { keyframeSeconds: { median: 4, longest: 4 } },
      needs: passed,
      finds: ["warning gopSizeLong"],
    },
    {
      claim: "whose keyframe interval does not divide the segment length is reported",
      facts: { keyframeSeconds: { median: 1.5, longest: 1.5 } },
      needs: beside,
      finds: ["warning gopMismatch"],
    },
    {
      claim: "whose keyframe interval divides the segment length is accepted",
      facts: { keyframeSeconds: { median: 1, longest: 1 } },
      needs: beside,
      finds: [],
    },
    {
      claim: "with a long keyframe interval is accepted if all renditions are encoded",
      facts: { keyframeSeconds: { median: 8, longest: 10 } },
      finds: [],
    },
    { claim: "without a sound track is refused", facts: { audioCodec: null }, finds: ["error noAudioStream"] },
    { claim: "of MP3 is refused", facts: { audioCodec: "mp3" }, finds: ["error audioCodec"] },
    {
      claim: "that is muted is reported",
      facts: { loudestDbfs: Number.NEGATIVE_INFINITY },
      finds: ["warning audioSilent"],
    },
    { claim: "that sends only noise is reported", facts: { loudestDbfs: -72 }, finds: ["warning audioSilent"] },
    { claim: "in a quiet room is accepted", facts: { loudestDbfs: -48 }, finds: [] },
    {
      claim: "slower than live is reported",
      facts: { speed: 0.7 },
      finds: ["error videoIngestionStarved"],
    },
    {
      claim: "is not blamed if Owncast reads too slowly, nor for the lower bitrate",
      facts: { speed: 0.5, heldUp: 0.45, videoKbps: 1000 },
      finds: ["error encoderOverloaded"],
    },
    {
      claim: "faster than live is reported",
      facts: { speed: 1.5 },
      finds: ["warning videoIngestionFasterThanRealtime"],
    },
  ])("$claim", ({ facts = {}, needs = encoded, finds }) =>
    expect(judgeStream({ ...good, ...facts }, needs).map(({ severity, id }) => `${severity} ${id}`)).toEqual(finds),
  );

  it.each([0, Number.NaN, -1])("is not judged by an impossible keyframe interval of %d s", (median) =>
    expect(judgeStream({ ...good, keyframeSeconds: { median, longest: 1 } }, beside)).toEqual([]),
  );

  it("without measurements is not judged", () => expect(judgeStream({}, beside)).toEqual([]));

  it("is not judged by values that the stage does not need", () =>
    expect(judgeStream({ width: 320, height: 180, fps: 5, videoKbps: 50 }, { hasPassthrough: false })).toEqual([]));

  it("gets its errors before its warnings", () =>
    expect(
      judgeStream({ ...good, fps: 10, audioCodec: null, videoKbps: 10 }, encoded).map(({ severity }) => severity),
    ).toEqual(["error", "warning", "warning"]));

  it("gets a report of its value, of the value that the stage needs, and of where to set it", () => {
    const [finding] = judgeStream({ ...good, keyframeSeconds: { median: 8.3, longest: 8.34 } }, beside);
    expect(finding?.says).toContain("8.3 s pass between keyframes, more than a segment lasts (2 s)");
    expect(finding?.remedy).toContain("set the keyframe interval to 2 s");
  });
});
