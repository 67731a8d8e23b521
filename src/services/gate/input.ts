import { setTimeout as sleep } from "node:timers/promises";
import type { GateLimits } from "./limits.ts";
import { Refusal } from "./refusal.ts";
import type { StreamKey } from "./stream-keys.ts";

const pollMs = 50;

/** Who wants an input, or has it. */
export interface Claimant {
  readonly key: StreamKey;
  /** For how long no media has come; 0 until the stream flows. */
  readonly silentMs: number;
  /** Whether it is on air: taken by Owncast. */
  readonly isOnAir: boolean;
  /** Ends it, and tells it why. */
  end(why: Refusal): void;
}

/** A place for one publisher. Others wait for it, or are refused. */
export class Input {
  readonly #limits: GateLimits;
  readonly #now: () => number;
  #holder: Claimant | undefined;
  readonly #line: Claimant[] = [];
  #releasedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: GateLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get holder(): Claimant | undefined {
    return this.#holder;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** How long ago the last publisher left. */
  get releasedMsAgo(): number {
    return this.#now() - this.#releasedAt;
  }

  /** Resolves when the input is the claimant's, until `release`. Throws a Refusal if another publisher goes on. */
  async claim(claimant: Claimant, signal: AbortSignal): Promise<void> {
    this.#replaceInLine(claimant);
    if (this.#line.length >= this.#limits.waiting) throw this.#taken();
    this.#line.push(claimant);
    const since = this.#now();
    try {
      while (!this.#take(claimant)) {
        if (this.#now() - since > this.#patienceMs()) throw this.#taken();
        await sleep(pollMs, undefined, { signal });
      }
    } finally {
      this.#leaveLine(claimant);
    }
  }

  /** The claimant does not need it any more; it need not have had it. */
  release(claimant: Claimant): void {
    if (this.#holder !== claimant) return;
    this.#holder = undefined;
    this.#releasedAt = this.#now();
  }

  #take(claimant: Claimant): boolean {
    const holder = this.#holder;
    if (!this.#line.includes(claimant)) return false;
    if (holder && holder.key.secret === claimant.key.secret && this.#isGivenUp(holder)) {
      holder.end(replaced());
      // Who has waited for it comes next, and nobody else.
      this.#leaveLine(claimant);
      this.#line.unshift(claimant);
      return false;
    }
    if (holder || this.#line[0] !== claimant) return false;
    this.#holder = claimant;
    return true;
  }

  /** Whether its camera has reconnected meanwhile. */
  #isGivenUp(holder: Claimant): boolean {
    return !holder.isOnAir || holder.silentMs >= this.#limits.takeOverMs;
  }

  /** The same camera again: its older connection is one that it has given up. */
  #replaceInLine({ key }: Claimant): void {
    const older = this.#line.find((one) => one.key.secret === key.secret);
    if (!older) return;
    this.#leaveLine(older);
    older.end(replaced());
  }

  #leaveLine(claimant: Claimant): void {
    const place = this.#line.indexOf(claimant);
    if (place >= 0) this.#line.splice(place, 1);
  }

  /** How long others wait: a holder that is silent will be dropped, one that is not on air yet may still fail. */
  #patienceMs(): number {
    const { busyMs, owncastMs, takeOverMs } = this.#limits;
    if (!this.#holder?.isOnAir) return owncastMs;
    return this.#holder.silentMs < takeOverMs ? busyMs : Number.POSITIVE_INFINITY;
  }

  /** The refusal of one for whom there is no place, with what is true of the one before it. */
  #taken(): Refusal {
    const who = (this.#holder ?? this.#line[0])?.key.name;
    return this.#holder?.isOnAir
      ? new Refusal("on-air", `another publisher is on air: ${who}`, "NetStream.Publish.BadName")
      : new Refusal("owncast-busy", `another publisher waits for Owncast already: ${who}`, "NetStream.Publish.BadName");
  }
}

const replaced = (): Refusal =>
  new Refusal("replaced", "a newer connection with the same key has taken over", "NetStream.Publish.Failed");
