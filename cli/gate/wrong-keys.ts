import { networkOf } from "./address.ts";

const firstDelayMs = 250;
const longestDelayMs = 5000;
const longestQueueMs = 10_000;
const forgottenAfterMs = 10 * 60_000;
const mostAddresses = 4096;

interface Guesser {
  wrong: number;
  lastWrongAt: number;
  /** When the next key from there is looked at. */
  freeAt: number;
}

/** Slows down who guesses keys, by address: after each wrong key the next one waits longer, from 0.25 s up to 5 s. */
export class WrongKeys {
  readonly #now: () => number;
  readonly #guessers = new Map<string, Guesser>();

  /** `now` gives monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long a key from this address must wait until it is looked at; undefined if too many wait already. */
  delayMs(address: string): number | undefined {
    const guesser = this.#known(networkOf(address));
    if (!guesser) return 0;
    const now = this.#now();
    const at = Math.max(now, guesser.freeAt);
    if (at - now > longestQueueMs) return undefined;
    guesser.freeAt = at + delayAfter(guesser.wrong);
    return at - now;
  }

  /** A key from there was wrong. */
  count(address: string): void {
    const network = networkOf(address);
    const now = this.#now();
    const before = this.#known(network);
    const wrong = (before?.wrong ?? 0) + 1;
    const freeAt = Math.max(before?.freeAt ?? 0, now + delayAfter(wrong));
    // Last in order: the first is forgotten when there are too many.
    this.#guessers.delete(network);
    this.#guessers.set(network, { wrong, lastWrongAt: now, freeAt });
    const [oldest] = this.#guessers.keys();
    if (this.#guessers.size > mostAddresses && oldest !== undefined) this.#guessers.delete(oldest);
  }

  #known(network: string): Guesser | undefined {
    const guesser = this.#guessers.get(network);
    if (!guesser || this.#now() - guesser.lastWrongAt <= forgottenAfterMs) return guesser;
    this.#guessers.delete(network);
    return undefined;
  }
}

const delayAfter = (wrong: number): number => Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(wrong - 1, 10));
