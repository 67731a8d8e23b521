import { addressBits } from "./networks.ts";

interface Counted {
  /** Requests in each second of the window, by the second modulo the window. */
  readonly seconds: Uint32Array;
  readonly speeds: { readonly second: number; readonly kbps: number }[];
}

// A speed in bit/s: faster than any line is a lie.
const fastest = 400e9;
const mostSpeeds = 200;
// Behind one address there may be a school. One program must not look like thousands of viewers.
const mostOfAddress = 500;
const mostAddresses = 200_000;
// Whoever has one IPv6 address has all of its /64: a digit for the family, and 64 bits.
const v6Network = 65;

/**
 * Counts the players of each pathway. A player asks once each `ttlSeconds`, so the requests in that time are the viewers. The
 * sum of two such times is used, because players do not ask on the second. Times are whole seconds of any clock that never
 * goes back.
 */
export class Reports {
  readonly #ttl: number;
  readonly #window: number;
  readonly #pathways: ReadonlyMap<string, Counted>;
  readonly #addresses = new Map<string, number>();
  #second: number;
  readonly #since: number;
  #addressesSince: number;

  constructor(pathways: readonly string[], ttlSeconds: number, second: number) {
    this.#ttl = ttlSeconds;
    this.#window = 2 * ttlSeconds;
    this.#pathways = new Map(pathways.map((name) => [name, { seconds: new Uint32Array(this.#window), speeds: [] }]));
    this.#second = second;
    this.#since = second;
    this.#addressesSince = second;
  }

  /** Counts a request. Everything in it is a player's word: unknown names and strange speeds are left out. */
  add(pathway: string | undefined, throughput: string | undefined, address: string, second: number): void {
    this.#moveTo(second);
    const counted = pathway === undefined ? undefined : this.#pathways.get(pathway);
    if (!counted || !this.#mayCount(address)) return;
    const index = this.#second % this.#window;
    counted.seconds[index] = (counted.seconds[index] as number) + 1;
    const kbps = throughput !== undefined && /^\d{1,12}$/.test(throughput) ? Number(throughput) / 1000 : 0;
    if (kbps <= 0 || kbps > fastest / 1000) return;
    if (counted.speeds.length >= mostSpeeds) counted.speeds.shift();
    counted.speeds.push({ second: this.#second, kbps });
  }

  /** How many players said lately that they use a pathway. */
  viewers(pathway: string, second: number): number {
    this.#moveTo(second);
    const requests = this.#pathways.get(pathway)?.seconds.reduce((total, one) => total + one, 0) ?? 0;
    const counts = Math.min(this.#window, this.#second - this.#since + 1);
    // In the first seconds after a start, not all players have asked yet.
    return counts < this.#ttl ? requests : Math.round((requests * this.#ttl) / counts);
  }

  /** The median of the speeds that a pathway's players measured lately, in kbit/s; undefined if none said one. */
  kbps(pathway: string, second: number): number | undefined {
    this.#moveTo(second);
    const lately = this.#pathways.get(pathway)?.speeds.filter((one) => one.second > this.#second - this.#window) ?? [];
    const speeds = lately.map(({ kbps }) => kbps).sort((one, other) => one - other);
    return speeds.length === 0 ? undefined : Math.round(speeds[speeds.length >> 1] as number);
  }

  #mayCount(from: string): boolean {
    const bits = from.includes(":") ? addressBits(from) : undefined;
    const address = bits?.startsWith("6") ? bits.slice(0, v6Network) : from;
    const before = this.#addresses.get(address);
    if (before === undefined && this.#addresses.size >= mostAddresses) return false;
    if ((before ?? 0) >= mostOfAddress) return false;
    this.#addresses.set(address, (before ?? 0) + 1);
    return true;
  }

  /** Forgets what is older than the window. */
  #moveTo(second: number): void {
    const steps = Math.min(this.#window, Math.max(0, second - this.#second));
    for (let step = 1; step <= steps; step++)
      for (const { seconds } of this.#pathways.values()) seconds[(this.#second + step) % this.#window] = 0;
    // After a long silence all seconds are empty, wherever the window begins.
    this.#second = Math.max(this.#second, second);
    if (this.#second - this.#addressesSince < this.#ttl) return;
    this.#addressesSince = this.#second;
    this.#addresses.clear();
  }
}
