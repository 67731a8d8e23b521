import { setTimeout as sleep } from "node:timers/promises";
import type { GateLimits } from "./limits.ts";
import { Refusal } from "./refusal.ts";
import type { StreamKey } from "./stream-keys.ts";

const pollMs = 50;

/** A publisher that wants an input, or has it. */
export interface Claimant {
  readonly key: StreamKey;
  /** The time without media; 0 before it is on air. */
  readonly silentMs: number;
  /** Whether it is on air: accepted by Owncast. */
  readonly isOnAir: boolean;
  /** Ends it and tells it why. */
  end(why: Refusal): void;
}

/** A place for one publisher. Others queue for it or are refused. */
export class Input {
  readonly #limits: GateLimits;
  readonly #now: () => number;
  #holder: Claimant | undefined;
  readonly #queue: Claimant[] = [];
  #releasedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: GateLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get holder(): Claimant | undefined {
    return this.#holder;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** The time since the last publisher left. */
  get releasedMsAgo(): number {
    return this.#now() - this.#releasedAt;
  }

  /** Resolves when the claimant has the input; it has it until `release`. Throws a Refusal if another publisher keeps it. */
  async claim(claimant: Claimant, signal: AbortSignal): Promise<void> {
    this.#replaceInQueue(claimant);
    if (this.#queue.length >= this.#limits.waiting) throw this.#taken();
    this.#queue.push(claimant);
    const since = this.#now();
    try {
      while (!this.#take(claimant)) {
        if (this.#now() - since > this.#patienceMs()) throw this.#taken();
        await sleep(pollMs, undefined, { signal });
      }
    } finally {
      this.#leaveQueue(claimant);
    }
  }

  /** The claimant no longer needs the input. It need not have had it. */
  release(claimant: Claimant): void {
    if (this.#holder !== claimant) return;
    this.#holder = undefined;
    this.#releasedAt = this.#now();
  }

  #take(claimant: Claimant): boolean {
    const holder = this.#holder;
    if (!this.#queue.includes(claimant)) return false;
    if (holder && holder.key.secret === claimant.key.secret && this.#isGivenUp(holder)) {
      holder.end(replaced());
      // The claimant comes next, before all others that wait.
      this.#leaveQueue(claimant);
      this.#queue.unshift(claimant);
      return false;
    }
    if (holder || this.#queue[0] !== claimant) return false;
    this.#holder = claimant;
    return true;
  }

  /** Whether its camera seems to be gone, so that a new connection with its key replaces it. */
  #isGivenUp(holder: Claimant): boolean {
    return !holder.isOnAir || holder.silentMs >= this.#limits.takeOverMs;
  }

  /** The same camera queues again: it has given up its older connection. */
  #replaceInQueue({ key }: Claimant): void {
    const older = this.#queue.find((one) => one.key.secret === key.secret);
    if (!older) return;
    this.#leaveQueue(older);
    older.end(replaced());
  }

  #leaveQueue(claimant: Claimant): void {
    const place = this.#queue.indexOf(claimant);
    if (place >= 0) this.#queue.splice(place, 1);
  }

  /** The time for which others wait: a silent holder will be ended soon, and one that is not on air yet may still fail. */
  #patienceMs(): number {
    const { busyMs, owncastMs, takeOverMs } = this.#limits;
    if (!this.#holder?.isOnAir) return owncastMs;
    return this.#holder.silentMs < takeOverMs ? busyMs : Number.POSITIVE_INFINITY;
  }

  /** The refusal of a claimant that gets no place; it says who has the place. */
  #taken(): Refusal {
    const who = (this.#holder ?? this.#queue[0])?.key.name;
    return this.#holder?.isOnAir
      ? new Refusal("on-air", `another publisher is on air: ${who}`, "NetStream.Publish.BadName")
      : new Refusal("owncast-busy", `another publisher waits for Owncast already: ${who}`, "NetStream.Publish.BadName");
  }
}

const replaced = (): Refusal =>
  new Refusal("replaced", "a newer connection with the same key has taken over", "NetStream.Publish.Failed");
