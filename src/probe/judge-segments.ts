import { encoderDeductionKbps } from "../media/declared-renditions.ts";
import type { DecodedSegment } from "../media/decode-segment.ts";
import { type HealthFinding, judgeStream, type StreamFacts, type StreamNeeds } from "../media/stream-health.ts";
import type { StreamContents } from "../media/transport-stream.ts";
import type { Notes, RenditionCheck, RenditionReport } from "./probe-report.ts";

/** A segment that was decoded. */
export interface Measured {
  readonly decoded: DecodedSegment;
  readonly contents: StreamContents;
  readonly durationSeconds: number;
}

/** The expected format of a rendition. */
export interface ExpectedRendition extends RenditionReport {
  readonly bitrateKbps?: number;
  /** It is the camera's stream, passed on unchanged. */
  readonly passthrough?: boolean;
  /** Why nothing is declared about it; absent if it is declared. */
  readonly undeclared?: string;
}

/** Why a check that needs declared renditions was not made, if the caller gives no other reason. */
export const notDeclared = "no seed was given";
/** Checks that are made only for a passthrough rendition. */
export const passthroughChecks: readonly RenditionCheck[] = ["gop", "camera"];

const passedOn = "the camera's stream is passed on";
const bitrateTolerance = 0.25;
const framerateTolerance = 0.1;
// If fewer frames than this differ, the encoder had less to encode than the declared bitrate.
const differentFramesShare = 0.9;
const checkOf: Readonly<Record<string, RenditionCheck>> = {
  ...{ videoCodec: "playable", videoProfile: "playable", audioCodec: "playable" },
  ...{ gopSizeLong: "gop", gopMismatch: "gop" },
  audioSilent: "silence",
};

/** Frame rate and video bitrate over all `segments` together. */
export const ratesOver = (segments: readonly Measured[]): { framerate: number; videoKbps: number } => {
  const seconds = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const frames = segments.reduce((sum, { decoded }) => sum + decoded.clocksMs.length, 0);
  const bytes = segments.reduce((sum, { contents }) => sum + contents.videoBytes, 0);
  return { framerate: Math.round(frames / seconds), videoKbps: Math.round((bytes * 8) / 1000 / seconds) };
};

/** Judges `keyframe`, `audio`, `framerate` and `bitrate`. */
export function judgeMeasures(segments: readonly Measured[], expected: ExpectedRendition, notes: Notes): void {
  const starts = segments.map(({ contents }) => contents.startsWithKeyframe);
  if (starts.includes(false))
    notes.fail("keyframe", "a segment does not start with a keyframe: players must wait for one");
  else if (starts.includes(undefined)) notes.skip("keyframe", "its video is not H.264");
  else notes.pass("keyframe");
  notes.judge("audio", segments.every(({ decoded }) => decoded.hasAudio) ? undefined : "it has no sound");
  const rates = ratesOver(segments);
  judgeFramerate(rates.framerate, expected, notes);
  judgeBitrate(rates.videoKbps, segments, expected, notes);
}

function judgeFramerate(
  measured: number,
  { framerate, passthrough, undeclared = notDeclared }: ExpectedRendition,
  notes: Notes,
): void {
  const isRight =
    framerate !== undefined && Math.abs(measured - framerate) <= Math.max(1, framerate * framerateTolerance);
  if (passthrough) notes.skip("framerate", `${passedOn} (${measured})`);
  else if (framerate === undefined) notes.skip("framerate", `${undeclared} (${measured})`);
  else if (isRight) notes.pass("framerate", `${measured}`);
  else notes.fail("framerate", `it has ${measured} frames per second, not ${framerate}`);
}

function judgeBitrate(
  measured: number,
  segments: readonly Measured[],
  { bitrateKbps = 0, passthrough, undeclared = notDeclared }: ExpectedRendition,
  notes: Notes,
): void {
  const wanted = bitrateKbps - encoderDeductionKbps;
  const shown = `${measured} kbit/s`;
  if (passthrough) notes.skip("bitrate", `${passedOn} (${shown})`);
  else if (bitrateKbps === 0) notes.skip("bitrate", `${undeclared} (${shown})`);
  else if (!hasFullMotion(segments))
    notes.skip("bitrate", `the video is not from \`lectern publish\`, or the camera drops frames (${shown})`);
  else if (Math.abs(measured - wanted) <= wanted * bitrateTolerance)
    notes.pass("bitrate", `${measured} of ${wanted} kbit/s`);
  else
    notes.fail(
      "bitrate",
      `its video takes ${shown}, not ${wanted} (${bitrateKbps} declared, less ${encoderDeductionKbps} that Owncast subtracts): it is another rendition, or the settings differ`,
    );
}

/** Whether the frames show the clock of `lectern publish`, and hardly any is shown twice. */
const hasFullMotion = (segments: readonly Measured[]): boolean =>
  segments.every(({ decoded: { clocksMs } }) => {
    const different = new Set(clocksMs.filter((time) => time !== undefined));
    return different.size >= clocksMs.length * differentFramesShare;
  });

/**
 * Judges `silence` and `playable`, and for a passthrough rendition `gop` and `camera`, by the rules that the gate applies to the
 * camera's stream. `needs` are the stage's; undefined without a seed.
 */
export function judgeHealth(
  segments: readonly Measured[],
  expected: ExpectedRendition,
  needs: StreamNeeds | undefined,
  notes: Notes,
): void {
  const findings = [
    // Browsers play every rendition unchanged, so codec and profile matter as much as for passthrough.
    ...judgeStream(playedFacts(segments), { hasPassthrough: true }),
    ...(expected.passthrough && needs ? judgeStream(cameraFacts(segments), needs) : []),
  ];
  if (segments.every(({ decoded }) => decoded.loudestDbfs === undefined)) notes.skip("silence", "no sound was decoded");
  if (segments.every(({ contents }) => contents.sps === undefined && contents.videoCodec === "h264"))
    notes.skip("playable", "its video does not name its profile");
  if (expected.undeclared !== undefined) for (const check of passthroughChecks) notes.skip(check, expected.undeclared);
  if (expected.passthrough && needs?.segmentSeconds === undefined)
    notes.skip("gop", "the seed has no video.latency, which sets the length of segments");
  const judged: readonly RenditionCheck[] = ["silence", "playable", ...(expected.passthrough ? passthroughChecks : [])];
  for (const check of judged) {
    const about = findings.filter(({ id }) => (checkOf[id] ?? "camera") === check);
    noteFindings(check, about, measuredFor(check, segments), notes);
  }
}

function noteFindings(check: RenditionCheck, findings: readonly HealthFinding[], detail: string, notes: Notes): void {
  const joined = (texts: readonly string[]) => [...new Set(texts)].join("; ");
  const says = joined(findings.map((finding) => finding.says));
  const remedy = joined(findings.map((finding) => finding.remedy));
  if (findings.length === 0) notes.pass(check, detail);
  else if (findings.some(({ severity }) => severity === "error")) notes.fail(check, says, remedy);
  else notes.warn(check, says, remedy);
}

function measuredFor(check: RenditionCheck, segments: readonly Measured[]): string {
  const { loudestDbfs, keyframeSeconds } = { ...playedFacts(segments), ...cameraFacts(segments) };
  if (check === "silence" && loudestDbfs !== undefined) return `loudest ${Math.round(loudestDbfs)} dBFS`;
  if (check === "gop" && keyframeSeconds) return `every ${Math.round(keyframeSeconds.median * 10) / 10} s`;
  return "";
}

function playedFacts(segments: readonly Measured[]): StreamFacts {
  const [first] = segments;
  const levels = segments.flatMap(({ decoded }) => decoded.loudestDbfs ?? []);
  const { profileIdc, chromaFormatIdc, bitDepth } = first?.contents.sps ?? {};
  return {
    ...{ videoCodec: first?.contents.videoCodec, profileIdc, chromaFormatIdc, bitDepth },
    audioCodec: first?.contents.audioCodec,
    ...(levels.length > 0 && { loudestDbfs: Math.max(...levels) }),
  };
}

/** The camera's format, from segments of a passthrough rendition. */
function cameraFacts(segments: readonly Measured[]): StreamFacts {
  const [first] = segments;
  const { framerate, videoKbps } = ratesOver(segments);
  const distances = segments.map(keyframeDistances);
  return {
    ...{ width: first?.decoded.width, height: first?.decoded.height, fps: framerate, videoKbps },
    interlaced: first?.contents.sps?.interlaced,
    ...(distances.every((each) => each !== undefined) && { keyframeSeconds: spread(distances.flat()) }),
  };
}

/** Seconds from each keyframe to the next. The one after the last starts the next segment. */
function keyframeDistances({ contents, durationSeconds }: Measured): number[] | undefined {
  const times = contents.keyframesAtSeconds;
  if (!times || times.length === 0) return undefined;
  return times.map((time, index) => (times[index + 1] ?? durationSeconds) - time);
}

function spread(distances: readonly number[]): { median: number; longest: number } {
  const sorted = [...distances].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, longest: sorted.at(-1) ?? 0 };
}

/**
 * Judges `switching`. RFC 8216 (6.2.4) wants one target duration in all renditions; the player of Owncast's page stops for good
 * when it switches to a rendition with another one.
 */
export function judgeSwitching(
  renditions: readonly RenditionReport[],
  needs: StreamNeeds | undefined,
  notes: Notes,
): void {
  const known = renditions.flatMap(({ name, segmentSeconds }) =>
    segmentSeconds === undefined ? [] : [{ name, segmentSeconds }],
  );
  const lengths = known.map(({ segmentSeconds }) => segmentSeconds);
  const shortest = Math.min(...lengths);
  if (known.length < 2)
    notes.skip(
      "switching",
      known.length === renditions.length ? "there is no other rendition" : "too few renditions have a playlist",
    );
  else if (Math.max(...lengths) === shortest) notes.pass("switching", `segments of ${shortest} s in all renditions`);
  else {
    const each = known.map(({ name, segmentSeconds }) => `${name} ${segmentSeconds} s`).join(", ");
    notes.fail(
      "switching",
      `segments differ in length (${each}): the page's player stops when it switches to another rendition`,
      `a passthrough rendition can be cut only at the camera's keyframes: set the camera's keyframe interval to ${needs?.segmentSeconds ?? shortest} s (OBS: Settings, Output, Keyframe Interval; not 0), or take passthrough out of the ladder`,
    );
  }
}
