import { isIPv6 } from "node:net";

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

/** A counted connection. */
export interface CountedConnection {
  /** It has published or is closed. May be called more than once. */
  leave(): void;
}

/** Limits the connections that have not published yet, in all and from one stranger. */
export class UnpublishedConnections {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #connections = new Map<CountedConnection, { network: string; end: () => void }>();
  readonly #perNetwork = new Map<string, number>();

  constructor({ strangers, strangersPerAddress }: { strangers: number; strangersPerAddress: number }) {
    this.#most = strangers;
    this.#mostPerAddress = strangersPerAddress;
  }

  /**
   * Counts a connection. If there are too many, in all or from its address, the oldest of those is ended. A camera publishes
   * within a second, so a flood hardly ever ends one.
   */
  enter(address: string, end: () => void): CountedConnection {
    const network = networkOf(address);
    if ((this.#perNetwork.get(network) ?? 0) >= this.#mostPerAddress) this.#endOldest(network);
    if (this.#connections.size >= this.#most) this.#endOldest();
    this.#perNetwork.set(network, (this.#perNetwork.get(network) ?? 0) + 1);
    const connection: CountedConnection = { leave: () => this.#leave(connection) };
    this.#connections.set(connection, { network, end });
    return connection;
  }

  /** The oldest of this network, or of all. */
  #endOldest(network?: string): void {
    for (const [connection, known] of this.#connections) {
      if (network !== undefined && known.network !== network) continue;
      connection.leave();
      known.end();
      return;
    }
  }

  #leave(connection: CountedConnection): void {
    const known = this.#connections.get(connection);
    if (!known) return;
    this.#connections.delete(connection);
    const left = (this.#perNetwork.get(known.network) ?? 1) - 1;
    if (left > 0) this.#perNetwork.set(known.network, left);
    else this.#perNetwork.delete(known.network);
  }
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
