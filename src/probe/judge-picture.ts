import type { DecodedSegment } from "../media/decode-segment.ts";
import { sizeOf } from "./match-renditions.ts";
import { Finding } from "./probe-report.ts";

/** First and last time that the clock of a segment shows, in ms since the epoch. */
export interface ClockSpan {
  readonly firstMs: number;
  readonly lastMs: number;
}

// Codec noise lifts black (16) a little; a dark hall is well above.
const blackBelowLuma = 24;
const plainBelowSpread = 3;
// A damaged picture here and there is not what is looked for.
const leastReadableShare = 0.9;

/** What a picture is judged against. */
export interface ExpectedPicture {
  /** In pixels; any is right where it is 0. */
  readonly width: number;
  readonly height: number;
  /** It need not show a clock. */
  readonly anyPicture?: boolean;
}

/**
 * What the clock of a decoded segment spans; undefined when it need not show one and does not. Throws Finding: `size` when it
 * is not the expected one, `black` for one plain colour, `clock` when it cannot be read, `frozen` when it does not run with the segment.
 */
export function judgePicture(
  decoded: DecodedSegment,
  expected: ExpectedPicture,
  durationSeconds: number,
): ClockSpan | undefined {
  if (![0, decoded.width].includes(expected.width) || ![0, decoded.height].includes(expected.height))
    throw new Finding("size", `its pictures are ${sizeOf(decoded)}, not ${sizeOf(expected)}`);
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
  meanLuma < blackBelowLuma ? "black picture" : "blank picture: one plain colour";

const unreadable = (readable: number, total: number): string =>
  readable === 0
    ? "no clock in the picture: this is not `lectern publish` (then say --any-picture), or Owncast's offline clip"
    : `the clock is readable in only ${readable} of ${total} pictures`;

function judgeClock(times: readonly number[], spanSeconds: number): ClockSpan {
  const firstMs = times[0]!;
  const lastMs = times.at(-1)!;
  const ranSeconds = (lastMs - firstMs) / 1000;
  const back = times.find((timeMs, index) => index > 0 && timeMs < times[index - 1]!);
  if (back !== undefined) throw new Finding("frozen", "the clock jumps back within a segment");
  if (ranSeconds === 0 && spanSeconds > 0) throw new Finding("frozen", "frozen picture: the clock stands still");
  if (ranSeconds < spanSeconds / 2)
    throw new Finding(
      "frozen",
      `the clock runs slow: ${ranSeconds.toFixed(1)} s within ${spanSeconds.toFixed(1)} s of video`,
    );
  return { firstMs, lastMs };
}
