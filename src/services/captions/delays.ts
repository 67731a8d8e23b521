// An hour of segments of two seconds.
const mostKept = 1800;

/** The last delays of one kind, in seconds. */
export class Delays {
  readonly #kept: number[] = [];
  #next = 0;
  count = 0;

  add(seconds: number): void {
    this.#kept[this.#next] = seconds;
    this.#next = (this.#next + 1) % mostKept;
    this.count += 1;
  }

  /** The delay that this share of them does not exceed, from 0 to 1; undefined without any. */
  quantile(share: number): number | undefined {
    const sorted = [...this.#kept].sort((some, other) => some - other);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
