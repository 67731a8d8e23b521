import type { IncomingMessage } from "node:http";
import { isIP, isIPv6 } from "node:net";

const firstDelayMs = 250;
const longestDelayMs = 5000;
const longestQueueMs = 10_000;
const forgottenAfterMs = 10 * 60_000;
const mostAddresses = 4096;

/** An address as people write it: IPv6 sockets show an IPv4 address in a form of their own. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");

/** The network that counts as one stranger: an IPv4 address, or an IPv6 /64, because one person can have all its addresses. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = "", tail = ""] = plain.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail.split(":").filter(Boolean);
  const zeros = plain.includes("::") ? Array<string>(8 - before.length - after.length).fill("0") : [];
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}

/**
 * Whose request it is: the stage's front says so in a header, which it lets nobody else set. Without a front it is the connection's other
 * end. Anything that is no address counts as one and the same stranger.
 */
export function addressOf({ headers, socket }: IncomingMessage): string {
  const forwarded = headers["x-forwarded-for"];
  const [first = ""] = `${forwarded ?? ""}`.split(",", 1);
  const address = first.trim() || socket.remoteAddress || "";
  return isIP(address) === 0 ? "" : address;
}

interface Guesser {
  wrong: number;
  lastWrongAt: number;
  /** When the last of its waiting refusals is sent. */
  refusedAt: number;
}

/**
 * Slows down a stranger who guesses keys: refusals are sent one after the other, each after a longer delay, from 0.25 s up to 5 s.
 * A right key never waits. Hanging up before the refusal does not shorten the next delay.
 */
export class WrongKeys {
  readonly #now: () => number;
  readonly #guessers = new Map<string, Guesser>();

  /** `now` gives monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a wrong key from `address`. Returns how long its refusal waits, in ms; undefined if too many wait already. */
  count(address: string): number | undefined {
    const network = networkOf(address);
    const now = this.#now();
    const before = this.#known(network);
    const wrong = (before?.wrong ?? 0) + 1;
    const waitsFrom = Math.max(now, before?.refusedAt ?? now);
    const isTooMuch = waitsFrom - now > longestQueueMs;
    const refusedAt = isTooMuch ? waitsFrom : waitsFrom + delayAfter(wrong);
    // Insert again, so that the oldest entry stays first: it is dropped if there are too many.
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
