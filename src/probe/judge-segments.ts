import type { DecodedSegment } from "../media/decode-segment.ts";
import type { StreamContents } from "../media/transport-stream.ts";
import type { Notes } from "./checks.ts";
import { encoderDeductionKbps } from "./match-renditions.ts";
import type { RenditionReport } from "./probe-report.ts";

/** A segment that was looked at. */
export interface Measured {
  readonly decoded: DecodedSegment;
  readonly contents: StreamContents;
  readonly durationSeconds: number;
}

/** What a rendition should be; without a declaration nothing is known but what it says itself. */
export interface ExpectedRendition extends RenditionReport {
  readonly bitrateKbps?: number;
  /** It is what the camera sends. */
  readonly passthrough?: boolean;
  /** Why nothing is declared of it; absent if it is declared. */
  readonly undeclared?: string;
}

const bitrateTolerance = 0.25;
const framerateTolerance = 0.1;
// Below this share of pictures that differ, the encoder had less to encode than the declared rate.
const fullPictureShare = 0.9;

/** Rates over all segments that were looked at. */
export const ratesOver = (segments: readonly Measured[]): { framerate: number; videoKbps: number } => {
  const seconds = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const pictures = segments.reduce((sum, { decoded }) => sum + decoded.clocksMs.length, 0);
  const bytes = segments.reduce((sum, { contents }) => sum + contents.videoBytes, 0);
  return { framerate: Math.round(pictures / seconds), videoKbps: Math.round((bytes * 8) / 1000 / seconds) };
};

/** Judges what does not end the look at a rendition: `keyframe`, `audio`, `framerate`, `bitrate`. */
export function judgeMeasures(segments: readonly Measured[], expected: ExpectedRendition, notes: Notes): void {
  const starts = segments.map(({ contents }) => contents.startsWithKeyframe);
  if (starts.includes(false))
    notes.fail("keyframe", "a segment does not start with a keyframe: players must wait for one");
  else if (starts.includes(undefined)) notes.skip("keyframe", "its pictures are not H.264");
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
  else notes.fail("framerate", `it has ${measured} pictures per second, not ${framerate}`);
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
  else if (!isFilled(segments))
    notes.skip(
      "bitrate",
      `the picture is not the camera's that fills it, or the camera leaves pictures out (${shown})`,
    );
  else if (Math.abs(measured - wanted) <= wanted * bitrateTolerance)
    notes.pass("bitrate", `${measured} of ${wanted} kbit/s`);
  else
    notes.fail(
      "bitrate",
      `its picture takes ${shown}, not ${wanted} (${bitrateKbps} declared, Owncast's encoder gets ${encoderDeductionKbps} less): another rendition, or other settings`,
    );
}

/** Why nothing is judged where nobody declares the renditions. */
export const notDeclared = "no seed was given";
const passedOn = "it is passed on as the camera sends it";

/** Whether the pictures are the camera's, and hardly one is shown twice. */
const isFilled = (segments: readonly Measured[]): boolean =>
  segments.every(({ decoded: { clocksMs } }) => {
    const different = new Set(clocksMs.filter((time) => time !== undefined));
    return different.size >= clocksMs.length * fullPictureShare;
  });
