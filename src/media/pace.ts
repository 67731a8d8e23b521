/** A piece of video that came: how long it plays, and when it had come, in ms of any clock. */
export interface Arrival {
  readonly seconds: number;
  readonly atMs: number;
}

/** How fast video comes: seconds of it in a second. */
export interface Pace {
  readonly speed: number;
  /** So many seconds of video came in so many seconds. */
  readonly playedSeconds: number;
  readonly withinSeconds: number;
  /** `slow`: players run dry. `tight`: it falls behind, too little to be sure. */
  readonly outcome: "steady" | "tight" | "slow";
}

/** Below this speed an encoder is too slow, and not only busy for a moment. */
export const slowBelow = 0.9;
/** Below this speed it may fall behind. Polls and file times are not exact; over the shortest window that adds up to 6 %. */
export const tightBelow = 0.97;
const shortestWindow = { arrivals: 2, seconds: 4 } as const;
// As long as a machine may be busy with something else.
const longestWindow = { arrivals: 3, seconds: 30 } as const;
const mostSegmentLengths = 8;
const recentArrivals = 4;

/**
 * Seconds of video per second of time, from the first arrival to the last: 1 keeps up with a live camera. The first one only
 * starts the clock. Undefined with fewer than two, or if no time passed between them.
 */
export function speedOf(arrivals: readonly Arrival[]): number | undefined {
  const [first, ...later] = arrivals;
  const last = later.at(-1);
  return first && last && last.atMs > first.atMs ? (secondsOf(later) * 1000) / (last.atMs - first.atMs) : undefined;
}

/**
 * Judges arrivals in order, up to `nowMs`. Steady as soon as a short window says so; slow only after a long one, for a machine
 * may be busy for some seconds. Undefined: watch on. No clock but the watcher's own takes part.
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
  // If nothing has come for long, the time since counts too.
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
