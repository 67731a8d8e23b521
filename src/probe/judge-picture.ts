import { sizeText } from "../media/declared-renditions.ts";
import type { DecodedSegment } from "../media/decode-segment.ts";
import { Finding } from "./probe-report.ts";

/** First and last time that the clock of a segment shows, in ms since the epoch. */
export interface ClockSpan {
  readonly firstMs: number;
  readonly lastMs: number;
}

// Codec noise lifts black (16) a little; a dark hall is much brighter.
const blackBelowLuma = 24;
const plainBelowSpread = 3;
// A few damaged frames do not count as a fault.
const leastReadableShare = 0.9;

/** The expected frames. */
export interface ExpectedPicture {
  /** In pixels; 0 allows any. */
  readonly width: number;
  readonly height: number;
  /** They need not show a clock. */
  readonly anyPicture?: boolean;
}

/**
 * The first and last time that a segment's clock shows; undefined if none is shown or required. Throws a Finding: `size` for
 * another size, `black` for one plain colour, `clock` for a clock that cannot be read, `frozen` for one that does not run.
 */
export function judgePicture(
  decoded: DecodedSegment,
  expected: ExpectedPicture,
  durationSeconds: number,
): ClockSpan | undefined {
  if (![0, decoded.width].includes(expected.width) || ![0, decoded.height].includes(expected.height))
    throw new Finding("size", `its frames are ${sizeText(decoded)}, not ${sizeText(expected)}`);
  const times = decoded.clocksMs.filter((timeMs) => timeMs !== undefined);
  const total = decoded.clocksMs.length;
  if (times.length < total * leastReadableShare) {
    if (decoded.lumaSpread < plainBelowSpread) throw new Finding("black", plainColour(decoded.meanLuma));
    if (expected.anyPicture) return undefined;
    throw new Finding("clock", unreadable(times.length, total));
  }
  return judgeClock(times, (durationSeconds * (total - 1)) / total);
}

const plainColour = (meanLuma: number): string =>
  meanLuma < blackBelowLuma ? "the video is black" : "the video is one plain colour";

const unreadable = (readable: number, total: number): string =>
  readable === 0
    ? "its frames show no clock: the stream is not from `lectern publish` (then give --any-picture), or this is Owncast's offline clip"
    : `the clock is readable in only ${readable} of ${total} frames`;

function judgeClock(times: readonly number[], spanSeconds: number): ClockSpan {
  const firstMs = times[0]!;
  const lastMs = times.at(-1)!;
  const ranSeconds = (lastMs - firstMs) / 1000;
  const back = times.find((timeMs, index) => index > 0 && timeMs < times[index - 1]!);
  if (back !== undefined) throw new Finding("frozen", "the clock jumps back within a segment");
  if (ranSeconds === 0 && spanSeconds > 0) throw new Finding("frozen", "the video is frozen: its clock stands still");
  if (ranSeconds < spanSeconds / 2)
    throw new Finding(
      "frozen",
      `the clock runs slow: ${ranSeconds.toFixed(1)} s within ${spanSeconds.toFixed(1)} s of video`,
    );
  return { firstMs, lastMs };
}
