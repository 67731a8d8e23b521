/** How far a percentile may be from the exact one. */
export const relativeError = 0.02;

const growth = Math.log(1 + relativeError);
const smallest = 1e-4;
const largest = 1e5;
const buckets = Math.ceil(Math.log(largest / smallest) / growth) + 1;

/**
 * Counts values in buckets that grow by 2 %, so its size does not depend on how many values come. Values below 0.0001 count as
 * 0.0001 and values above 100,000 as 100,000: enough for shares of a segment and for times in seconds.
 */
export class Histogram {
  readonly #counts = new Uint32Array(buckets);
  #count = 0;
  #max = 0;

  add(value: number): void {
    if (Number.isNaN(value)) return;
    const bounded = Math.min(Math.max(value, smallest), largest);
    this.#counts[Math.min(buckets - 1, Math.floor(Math.log(bounded / smallest) / growth))]! += 1;
    this.#count += 1;
    this.#max = Math.max(this.#max, value);
  }

  get count(): number {
    return this.#count;
  }

  /** The value that this share of all values does not exceed, at most 2 % too high; undefined without values. */
  percentile(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.min(this.#max, smallest * Math.exp((bucket + 1) * growth));
    }
    return this.#max;
  }

  /** Forgets all values. */
  clear(): void {
    if (this.#count > 0) this.#counts.fill(0);
    this.#count = 0;
    this.#max = 0;
  }
}

/** Three percentiles of one measure; undefined for a measure without values. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Reads the three percentiles that reports show. */
export function percentilesOf(histogram: Histogram): Percentiles | undefined {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => histogram.percentile(share));
  return p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 };
}
