/** A piece of video that arrived: how long it plays, and when it was complete, in ms of any clock. */
export interface Arrival {
  readonly seconds: number;
  readonly atMs: number;
}

/** How fast video arrives: seconds of video per second. */
export interface Pace {
  readonly speed: number;
  /** Seconds of video that arrived within `withinSeconds`. */
  readonly playedSeconds: number;
  readonly withinSeconds: number;
  /** `slow`: players run out of video. `tight`: it seems to fall behind, but too little to be sure. */
  readonly outcome: "steady" | "tight" | "slow";
}

/** Below this speed an encoder is too slow, not only busy for a moment. */
export const slowBelow = 0.9;
/** Below this speed it may fall behind. Inexact polls and file times add up to 6 % over the shortest window. */
export const tightBelow = 0.97;
const shortestWindow = { arrivals: 2, seconds: 4 } as const;
// A machine may be busy with other work for so long.
const longestWindow = { arrivals: 3, seconds: 30 } as const;
const mostSegmentLengths = 8;
const recentArrivals = 4;

/**
 * Seconds of video per second, from the first arrival to the last: 1 keeps up with a live camera. The first arrival only starts
 * the clock. Undefined with fewer than two, or if no time passed between them.
 */
export function speedOf(arrivals: readonly Arrival[]): number | undefined {
  const [first, ...later] = arrivals;
  const last = later.at(-1);
  return first && last && last.atMs > first.atMs ? (secondsOf(later) * 1000) / (last.atMs - first.atMs) : undefined;
}

/**
 * Judges arrivals, in order, up to `nowMs`. A short window is enough for `steady`; `slow` takes a long one, since a machine may be
 * busy for some seconds. Undefined: too early to tell.
 */
export function judgePace(arrivals: readonly Arrival[], nowMs: number, segmentSeconds: number): Pace | undefined {
  const [first, ...later] = arrivals;
  const last = later.at(-1) ?? first;
  if (!first || !last) return undefined;
  const recent = arrivals.slice(-1 - recentArrivals);
  const best = (speedOf(recent) ?? 0) > (speedOf(arrivals) ?? 0) ? recent : arrivals;
  const isEnough = later.length >= shortestWindow.arrivals && secondsOf(later) >= shortestWindow.seconds;
  const pace = paceUntil(best, last.atMs);
  if (isEnough && pace.outcome === "steady") return pace;
  const watchedSeconds = (nowMs - first.atMs) / 1000;
  const isLong = watchedSeconds >= longestWindow.seconds && later.length >= longestWindow.arrivals;
  if (!isLong && watchedSeconds < Math.max(longestWindow.seconds, mostSegmentLengths * segmentSeconds))
    return undefined;
  // If nothing has arrived for long, that time counts too.
  return nowMs - last.atMs > 2000 * segmentSeconds ? paceUntil(arrivals, nowMs) : pace;
}

function paceUntil(arrivals: readonly Arrival[], untilMs: number): Pace {
  const playedSeconds = secondsOf(arrivals.slice(1));
  const withinSeconds = (untilMs - (arrivals[0]?.atMs ?? untilMs)) / 1000;
  const speed = withinSeconds > 0 ? playedSeconds / withinSeconds : 0;
  return {
    speed,
    playedSeconds,
    withinSeconds,
    outcome: speed < slowBelow ? "slow" : speed < tightBelow ? "tight" : "steady",
  };
}

const secondsOf = (arrivals: readonly Arrival[]): number => arrivals.reduce((sum, { seconds }) => sum + seconds, 0);
