import { networkOf } from "./address.ts";

const firstDelayMs = 250;
const longestDelayMs = 5000;
const longestQueueMs = 10_000;
const forgottenAfterMs = 10 * 60_000;
const mostAddresses = 4096;

interface Guesser {
  wrong: number;
  lastWrongAt: number;
  /** When the last of the refusals that wait is told. */
  refusedAt: number;
}

/**
 * Slows down who guesses keys, by address: one refusal is told after the other, each later, from 0.25 s up to 5 s. A right key
 * never waits. Who hangs up before it is refused has not shortened the time of the next one.
 */
export class WrongKeys {
  readonly #now: () => number;
  readonly #guessers = new Map<string, Guesser>();

  /** `now` gives monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A key from there was wrong: how long its refusal waits; undefined if too many wait already. */
  count(address: string): number | undefined {
    const network = networkOf(address);
    const now = this.#now();
    const before = this.#known(network);
    const wrong = (before?.wrong ?? 0) + 1;
    const waitsFrom = Math.max(now, before?.refusedAt ?? now);
    const isTooMuch = waitsFrom - now > longestQueueMs;
    const refusedAt = isTooMuch ? waitsFrom : waitsFrom + delayAfter(wrong);
    // Last in order: the first is forgotten when there are too many.
    this.#guessers.delete(network);
    this.#guessers.set(network, { wrong, lastWrongAt: now, refusedAt });
    const [oldest] = this.#guessers.keys();
    if (this.#guessers.size > mostAddresses && oldest !== undefined) this.#guessers.delete(oldest);
    return isTooMuch ? undefined : refusedAt - now;
  }

  #known(network: string): Guesser | undefined {
    const guesser = this.#guessers.get(network);
    if (!guesser || this.#now() - guesser.lastWrongAt <= forgottenAfterMs) return guesser;
    this.#guessers.delete(network);
    return undefined;
  }
}

const delayAfter = (wrong: number): number => Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(wrong - 1, 10));
