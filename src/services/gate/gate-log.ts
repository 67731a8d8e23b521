const burst = 10;
const refillMs = 6000;

/** Lines for the journal. What strangers cause is limited in rate: what was left out is summed up. */
export class GateLog {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  #tokens = burst;
  #refilledAt: number;
  readonly #leftOut = new Map<string, number>();

  constructor(write: (line: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
    this.#refilledAt = now();
  }

  say(line: string): void {
    this.#write(oneLine(line));
  }

  /** A line that anybody can cause: at most ten at once and ten a minute. */
  refused(reason: string, line: string): void {
    this.#refill();
    if (this.#tokens < 1) {
      this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) + 1);
      return;
    }
    this.#tokens -= 1;
    this.sumUp();
    this.say(line);
  }

  /** Says what was left out, if lines are allowed again. */
  sumUp(): void {
    this.#refill();
    if (this.#leftOut.size === 0 || this.#tokens < 1) return;
    const counts = [...this.#leftOut].map(([reason, count]) => `${count} × ${reason}`);
    this.#leftOut.clear();
    this.say(`refused besides: ${counts.join(", ")}`);
  }

  #refill(): void {
    const passed = Math.floor((this.#now() - this.#refilledAt) / refillMs);
    if (passed < 1) return;
    this.#tokens = Math.min(burst, this.#tokens + passed);
    this.#refilledAt += passed * refillMs;
  }
}

const oneLine = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "·");
