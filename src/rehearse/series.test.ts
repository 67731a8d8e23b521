import { describe, expect, it } from "vitest";
import { type Point, Series } from "./series.ts";

const point = (atSeconds: number, rest: Partial<Point> = {}): Point => ({
  ...{ atSeconds, viewers: 10, stalled: 0, mbps: 4, segmentShareP50: 0.1, segmentShareP95: 0.2 },
  ...{ stalls: 0, errors: 1, cpuShare: 0.5, loopDelayMs: 1, ...rest },
});

describe("the time series", () => {
  it("keeps each point of a short rehearsal", () => {
    const series = new Series();
    for (let second = 1; second <= 599; second++) series.add(point(second));
    expect(series.points()).toHaveLength(599);
  });

  it("stays small however long it runs, and loses no error and no bad second", () => {
    const series = new Series();
    for (let second = 1; second <= 20_000; second++)
      series.add(point(second, second === 9000 ? { segmentShareP95: 3, stalled: 7 } : {}));
    const points = series.points();
    expect(points.length).toBeLessThanOrEqual(601);
    expect(points.reduce((sum, { errors }) => sum + errors, 0)).toBe(20_000);
    expect(Math.max(...points.map(({ segmentShareP95 }) => segmentShareP95 ?? 0))).toBe(3);
    expect(Math.max(...points.map(({ stalled }) => stalled))).toBe(7);
    expect(points.at(-1)).toMatchObject({ atSeconds: 20_000, mbps: 4 });
    expect(points.map(({ atSeconds }) => atSeconds)).toEqual(
      points.map(({ atSeconds }) => atSeconds).sort((a, b) => a - b),
    );
  });
});
