import { describe, expect, it } from "vitest";
import { streamNeeds } from "../media/camera-needs.ts";
import type { StreamNeeds } from "../media/stream-health.ts";
import { type ExpectedRendition, judgeHealth, type Measured } from "./judge-segments.ts";
import { Notes } from "./probe-report.ts";

const size = { width: 1280, height: 720 };
const sps = { ...size, profileIdc: 100, chromaFormatIdc: 1, bitDepth: 8, interlaced: false };
const sd = { name: "SD", width: 640, height: 360, framerate: 25, bitrateKbps: 800 };
const source = { name: "Source", passthrough: true as const };
const needs = streamNeeds({ latency: "low", ladder: [sd, source] });
const passedOn: ExpectedRendition = { ...source, ...size };

interface Sent {
  readonly decoded?: Partial<Measured["decoded"]>;
  readonly contents?: Partial<Measured["contents"]>;
}

/** A segment of 2 s at 25 frames per second and 2000 kbit/s. */
const segment = ({ decoded, contents }: Sent = {}): Measured => ({
  decoded: {
    ...{ ...size, clocksMs: Array.from({ length: 50 }, () => undefined), hasAudio: true, loudestDbfs: -12 },
    ...{ meanLuma: 100, lumaSpread: 50, ...decoded },
  },
  contents: {
    ...{ videoBytes: 500_000, audioBytes: 1, startsWithKeyframe: true, keyframesAtSeconds: [0] },
    ...{ videoCodec: "h264", audioCodec: "aac", sps, ...contents },
  },
  durationSeconds: 2,
});

/** The checks that do not pass. */
function found(sent: Sent, as: ExpectedRendition = passedOn, asked: StreamNeeds | undefined = needs): string[] {
  const notes = new Notes();
  judgeHealth([segment(sent), segment(sent)], as, asked, notes);
  return notes.results().flatMap(({ check, outcome }) => (outcome === "passed" ? [] : [`${check} ${outcome}`]));
}

describe("a passthrough rendition", () => {
  it("has no fault if the camera sends the right format", () => expect(found({})).toEqual([]));
  it.each<[string, Sent, string]>([
    ["silence", { decoded: { loudestDbfs: Number.NEGATIVE_INFINITY } }, "silence warned"],
    ["a hiss", { decoded: { loudestDbfs: -72 } }, "silence warned"],
    ["High 4:2:2", { contents: { sps: { ...sps, profileIdc: 122, chromaFormatIdc: 2 } } }, "playable failed"],
    ["4:4:4", { contents: { sps: { ...sps, profileIdc: 244, chromaFormatIdc: 3 } } }, "playable failed"],
    ["10 bit", { contents: { sps: { ...sps, profileIdc: 110, bitDepth: 10 } } }, "playable failed"],
    ["HEVC", { contents: { videoCodec: "hevc", sps: undefined } }, "playable failed"],
    ["MP3", { contents: { audioCodec: "mp3" } }, "playable failed"],
    ["one keyframe in eight seconds", { contents: { keyframesAtSeconds: [-6] } }, "gop failed"],
    [
      "a keyframe interval that does not divide the segment length",
      { contents: { keyframesAtSeconds: [0, 0.6, 1.2] } },
      "gop warned",
    ],
    ["a frame smaller than the ladder's", { decoded: { width: 320, height: 180 } }, "camera warned"],
    ["less bitrate than the best rendition", { contents: { videoBytes: 50_000 } }, "camera warned"],
  ])("is found to have %s", (_, sent, expected) => expect(found(sent)).toEqual([expected]));
  it("is not judged by a latency level if none is declared", () =>
    expect(found({}, passedOn, { ...needs, segmentSeconds: undefined })).toEqual(["gop not-checked"]));
});

it("an encoded rendition is judged by its own format, not by the camera's keyframes and size", () => {
  const small: Sent = { decoded: { width: 640, height: 360 }, contents: { keyframesAtSeconds: [0, 0.6, 1.2] } };
  expect(found(small, sd)).toEqual([]);
  expect(found({ contents: { sps: { ...sps, profileIdc: 122, chromaFormatIdc: 2 } } }, sd)).toEqual([
    "playable failed",
  ]);
});

it("without a seed, checks of passthrough are reported as not made", () => {
  const as = { name: "1280x720", ...size, undeclared: "no seed was given" };
  expect(found({}, as, undefined)).toEqual(["gop not-checked", "camera not-checked"]);
});

it("a check without a measurement is reported as not made", () => {
  expect(found({ decoded: { hasAudio: false, loudestDbfs: undefined } }, sd)).toEqual(["silence not-checked"]);
  expect(found({ contents: { sps: undefined } }, sd)).toEqual(["playable not-checked"]);
});
