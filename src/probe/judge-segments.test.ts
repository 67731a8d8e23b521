import { expect, it } from "vitest";
import { type ExpectedRendition, judgeMeasures, judgeSwitching, type Measured } from "./judge-segments.ts";
import { Notes } from "./probe-report.ts";

const expected: ExpectedRendition = { name: "HD", width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 };
const clocksMs = Array.from({ length: 60 }, (_, index) => index * 33);

/** A segment of 2 s at a video bitrate. */
const segment = (
  kbps: number,
  changes: Partial<Measured["decoded"]> = {},
  starts: boolean | undefined = true,
): Measured => ({
  decoded: { width: 1280, height: 720, clocksMs, hasAudio: true, meanLuma: 100, lumaSpread: 50, ...changes },
  contents: { videoBytes: (kbps * 2000) / 8, audioBytes: 1, startsWithKeyframe: starts },
  durationSeconds: 2,
});

/** The checks that do not pass. */
function found(segments: readonly Measured[], as: ExpectedRendition = expected): string[] {
  const notes = new Notes();
  judgeMeasures(segments, as, notes);
  return notes.results().flatMap(({ check, outcome }) => (outcome === "passed" ? [] : [`${check} ${outcome}`]));
}

// Declared 1600: the encoder gets 1408.
it.each([1060, 1408, 1755])("video of %i kbit/s passes for a declared bitrate of 1600", (kbps) =>
  expect(found([segment(kbps), segment(kbps)])).toEqual([]),
);
it.each([1050, 1765])("video of %i kbit/s fails for a declared bitrate of 1600", (kbps) =>
  expect(found([segment(kbps), segment(kbps)])).toEqual(["bitrate failed"]),
);
it("the bitrate is measured over both segments together", () =>
  expect(found([segment(900), segment(1900)])).toEqual([]));

it("the bitrate is not judged if frames are shown twice, because they need less", () => {
  const twice = clocksMs.map((_, index) => Math.floor(index / 2) * 66);
  expect(found([segment(300, { clocksMs: twice })])).toEqual(["bitrate not-checked"]);
});
it("the bitrate is not judged for another camera's video", () =>
  expect(found([segment(300, { clocksMs: clocksMs.map(() => undefined) })])).toEqual(["bitrate not-checked"]));

it("a wrong frame rate is found", () =>
  expect(found([segment(1408)], { ...expected, framerate: 25 })).toEqual(["framerate failed"]));
it("missing sound in one segment is found", () =>
  expect(found([segment(1408), segment(1408, { hasAudio: false })])).toEqual(["audio failed"]));
it("a segment that starts without a keyframe is found", () =>
  expect(found([segment(1408), segment(1408, {}, false)])).toEqual(["keyframe failed"]));

it("a check that is not made gives the reason: no seed, no ladder, or a passthrough rendition", () => {
  const why = (as: ExpectedRendition) => {
    const notes = new Notes();
    judgeMeasures([segment(9000)], as, notes);
    return notes.results().flatMap(({ outcome, detail }) => (outcome === "not-checked" ? detail : []));
  };
  const none = { name: "x", width: 0, height: 0 };
  expect(why(none)).toEqual(["no seed was given (30)", "no seed was given (9000 kbit/s)"]);
  expect(why({ ...none, undeclared: "the seed has no video.ladder" })[0]).toBe("the seed has no video.ladder (30)");
  expect(why({ ...none, framerate: 0, bitrateKbps: 0, passthrough: true })).toEqual([
    ...["the camera's stream is passed on (30)", "the camera's stream is passed on (9000 kbit/s)"],
  ]);
});

it("frame rate and bitrate are not judged without a declaration or for a passthrough rendition", () => {
  const unknown = ["framerate not-checked", "bitrate not-checked"];
  expect(found([segment(9000)], { name: "x", width: 0, height: 0 })).toEqual(unknown);
  expect(found([segment(9000)], { ...expected, passthrough: true })).toEqual(unknown);
});

const rendition = (name: string, segmentSeconds?: number) => ({
  ...{ name, width: 640, height: 360 },
  ...(segmentSeconds !== undefined && { segmentSeconds }),
});

function judge(...renditions: ReturnType<typeof rendition>[]) {
  const notes = new Notes();
  judgeSwitching(renditions, { hasPassthrough: true, segmentSeconds: 2 }, notes);
  return notes.results()[0];
}

it("renditions with the same segment length pass the check of switching", () =>
  expect(judge(rendition("SD", 2), rendition("Source", 2))).toMatchObject({ check: "switching", outcome: "passed" }));

it("renditions with different segment lengths fail the check of switching, and the remedy is the keyframe interval", () => {
  const fault = judge(rendition("SD", 2), rendition("Source", 8));
  expect(fault).toMatchObject({ outcome: "failed", detail: expect.stringContaining("(SD 2 s, Source 8 s)") });
  expect(fault?.remedy).toContain("keyframe interval to 2 s");
});

it.each([
  ["a single rendition", [rendition("SD", 2)]],
  ["a rendition without a playlist", [rendition("SD", 2), rendition("HD")]],
])("switching is not checked for %s", (_, renditions) => expect(judge(...renditions)?.outcome).toBe("not-checked"));
