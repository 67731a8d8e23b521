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
    // The same camera again: its older connection is one that it has given up.
    this.#line.find(({ key }) => key.secret === claimant.key.secret)?.end(replaced());
    if (this.#line.length >= this.#limits.waiting) throw this.#onAir();
    this.#line.push(claimant);
    const since = this.#now();
    try {
      while (!this.#take(claimant)) {
        const waitedMs = this.#now() - since;
        const goesOn = this.#holder !== undefined && this.#holder.silentMs < this.#limits.takeOverMs;
        if (waitedMs > this.#limits.busyMs && goesOn) throw this.#onAir();
        await sleep(pollMs, undefined, { signal });
      }
    } finally {
      this.#line.splice(this.#line.indexOf(claimant), 1);
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
    if (holder && holder.key.secret === claimant.key.secret && this.#isGivenUp(holder)) {
      holder.end(replaced());
      // Who has waited for it comes next, and nobody else.
      this.#line.splice(this.#line.indexOf(claimant), 1);
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

  #onAir(): Refusal {
    const who = this.#holder?.key.name ?? this.#line[0]?.key.name;
    return new Refusal("on-air", `another publisher is on air: ${who}`, "NetStream.Publish.BadName");
  }
}

const replaced = (): Refusal =>
  new Refusal("replaced", "a newer connection with the same key has taken over", "NetStream.Publish.Failed");
