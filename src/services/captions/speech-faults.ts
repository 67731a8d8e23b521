import { monotonicMs } from "../../lib/monotonic.ts";

// After so long without a fault the next one is a new one.
const healthyMs = 10_000;

/** What an operator is told of a speech server: each fault when it begins, and when it is over. */
export class SpeechFaults {
  readonly #say: (words: string) => void;
  /** Whether the operator knows of the present fault. */
  #isSaid = false;
  /** When it was last too slow; undefined while it keeps up. */
  #slowMs: number | undefined;

  /** `say` gets a sentence without its subject, which is the server. */
  constructor(say: (words: string) => void) {
    this.#say = say;
  }

  lost(reason: string): void {
    if (this.#isSaid) return;
    this.#isSaid = true;
    this.#say(`has a fault: ${reason}; this service tries again every few seconds`);
  }

  isBack(): void {
    if (this.#isSaid) this.#say("is there again");
  }

  /** More sound waits for it than is kept. */
  lags(mostSeconds: number): void {
    if (this.#slowMs === undefined)
      this.#say(`is too slow: more than ${mostSeconds} s of sound wait for it, so the oldest is dropped`);
    this.#slowMs = monotonicMs();
  }

  /** To be called now and then. Returns whether the server has been there for a while. `readyMs`: since when it is there. */
  look(readyMs: number | undefined): boolean {
    const nowMs = monotonicMs();
    const isHealthy = readyMs !== undefined && nowMs - readyMs > healthyMs;
    if (isHealthy) this.#isSaid = false;
    if (this.#slowMs !== undefined && nowMs - this.#slowMs > healthyMs) {
      this.#slowMs = undefined;
      this.#say("keeps up again");
    }
    return isHealthy;
  }
}
