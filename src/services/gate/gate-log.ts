const burst = 10;
const refillMs = 6000;

/** Writes lines to the journal. Lines that strangers can cause are limited in rate; omitted ones are counted. */
export class GateLog {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  #tokens = burst;
  #refilledAt: number;
  readonly #omitted = new Map<string, number>();

  constructor(write: (line: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
    this.#refilledAt = now();
  }

  say(line: string): void {
    this.#write(oneLine(line));
  }

  /** Writes a line that anybody can cause: at most ten together, and ten a minute. */
  refused(reason: string, line: string): void {
    this.#refill();
    if (this.#tokens < 1) {
      this.#omitted.set(reason, (this.#omitted.get(reason) ?? 0) + 1);
      return;
    }
    this.#tokens -= 1;
    this.sumUp();
    this.say(line);
  }

  /** Writes how many lines were omitted, if lines are allowed again. */
  sumUp(): void {
    this.#refill();
    if (this.#omitted.size === 0 || this.#tokens < 1) return;
    const counts = [...this.#omitted].map(([reason, count]) => `${count} × ${reason}`);
    this.#omitted.clear();
    this.say(`also refused: ${counts.join(", ")}`);
  }

  #refill(): void {
    const passed = Math.floor((this.#now() - this.#refilledAt) / refillMs);
    if (passed < 1) return;
    this.#tokens = Math.min(burst, this.#tokens + passed);
    this.#refilledAt += passed * refillMs;
  }
}

const oneLine = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "·");
