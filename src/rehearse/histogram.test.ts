import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../checks/lib/exhaustive.ts";
import { Histogram, percentilesOf, relativeError } from "./histogram.ts";

const filled = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
};

describe("a histogram", () => {
  it("gives percentiles that are at most 2 % above the exact ones, and never below", () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.95, 0.99, 1),
        (values, share) => {
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
          const found = filled(values).percentile(share)!;
          expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
          expect(found).toBeLessThanOrEqual(exact * (1 + relativeError) * (1 + 1e-9));
        },
      ),
      { numRuns: runs(100, 1000) },
    ));

  it("never says more than the largest value", () => {
    expect(filled([3]).percentile(0.99)).toBe(3);
    expect(filled([0]).percentile(0.99)).toBe(0);
  });

  it("counts values out of its range at the range's ends, and ignores NaN", () => {
    const histogram = filled([0, -5, 1e9, Number.NaN]);
    expect(histogram.count).toBe(3);
    expect(histogram.percentile(0.5)).toBeLessThan(0.001);
  });

  it("has no percentiles without values, and none after it was cleared", () => {
    const histogram = filled([1, 2]);
    histogram.clear();
    expect(histogram.percentile(0.5)).toBeUndefined();
    expect(percentilesOf(histogram)).toBeUndefined();
  });
});
