/** The rehearsal at one time. */
export interface Point {
  /** The end of its time, in seconds since the start. */
  readonly atSeconds: number;
  /** Viewers who have come, and those of them whose picture stands still. */
  readonly viewers: number;
  readonly stalled: number;
  readonly mbps: number;
  /** Download time as a share of a segment's length; undefined if no segment came. */
  readonly segmentShareP50: number | undefined;
  readonly segmentShareP95: number | undefined;
  /** Stalls and failed requests in this time. */
  readonly stalls: number;
  readonly errors: number;
  readonly cpuShare: number;
  readonly loopDelayMs: number;
}

const mostPoints = 600;

/** A time series of at most 600 points. If there are more, each two become one. */
export class Series {
  #points: Point[] = [];
  // How many samples one point stands for.
  #width = 1;
  #open: Point[] = [];

  add(point: Point): void {
    this.#open.push(point);
    if (this.#open.length < this.#width) return;
    this.#points.push(joined(this.#open));
    this.#open = [];
    if (this.#points.length < mostPoints) return;
    this.#points = Array.from({ length: mostPoints / 2 }, (_, at) => joined(this.#points.slice(2 * at, 2 * at + 2)));
    this.#width *= 2;
  }

  points(): Point[] {
    return this.#open.length === 0 ? [...this.#points] : [...this.#points, joined(this.#open)];
  }
}

/** One point for several: the worst of what can be bad, the mean of the rate. */
function joined(points: readonly Point[]): Point {
  const last = points.at(-1)!;
  if (points.length === 1) return last;
  const worst = (of: (point: Point) => number) => Math.max(...points.map(of));
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0);
  const worstKnown = (of: (point: Point) => number | undefined) => {
    const known = points.map(of).filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  return {
    atSeconds: last.atSeconds,
    viewers: last.viewers,
    stalled: worst(({ stalled }) => stalled),
    mbps: sum(({ mbps }) => mbps) / points.length,
    segmentShareP50: worstKnown(({ segmentShareP50 }) => segmentShareP50),
    segmentShareP95: worstKnown(({ segmentShareP95 }) => segmentShareP95),
    stalls: sum(({ stalls }) => stalls),
    errors: sum(({ errors }) => errors),
    cpuShare: worst(({ cpuShare }) => cpuShare),
    loopDelayMs: worst(({ loopDelayMs }) => loopDelayMs),
  };
}
