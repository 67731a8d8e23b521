import type { SecureContext } from "node:tls";
import type { Edge } from "../../lib/edges-file.ts";
import { type CheckResult, checkEdge, HostAddresses } from "./edge-check.ts";

/** What the last checks say of an edge. */
export interface Health {
  readonly isUp: boolean;
  /** How many results in a row say the opposite. */
  readonly against: number;
  /** Why the last check failed; undefined if it did not. */
  readonly fault: string | undefined;
}

/**
 * How many results in a row change an edge's state. One lost packet must not move a crowd, so two misses take an edge out. Two
 * hits bring it back: a server that dies at each start answers once in between.
 */
export const inARow = 2;

/** The health after a check. The first check of all decides alone: `before` is undefined. Pure. */
export function afterCheck(before: Health | undefined, { fault }: CheckResult): Health {
  const isHit = fault === undefined;
  if (!before) return { isUp: isHit, against: 0, fault };
  if (before.isUp === isHit) return { isUp: isHit, against: 0, fault };
  const against = before.against + 1;
  return against >= inARow ? { isUp: isHit, against: 0, fault } : { isUp: before.isUp, against, fault };
}

/** Settings of the checks. Tests use shorter times; the demo has a certificate authority of its own. */
export interface CheckTimes {
  /** From the start of one check to the start of the next. */
  readonly everyMs: number;
  /** The time for a whole check. */
  readonly withinMs: number;
  /** Whom to trust; the well-known authorities if left out. */
  readonly secureContext?: SecureContext | undefined;
}

export const checkTimes: CheckTimes = { everyMs: 1000, withinMs: 1000 };

/** Checks one edge again and again, one check at a time. */
export class EdgeHealth {
  readonly #address: URL;
  readonly #times: CheckTimes;
  readonly #changed: (health: Health) => void;
  readonly #addresses = new HostAddresses();
  #health: Health | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** `changed` is called if the edge dies or comes back, and after the first check. */
  constructor(edge: Edge, changed: (health: Health) => void, times: CheckTimes = checkTimes) {
    this.#address = new URL(edge.healthPath, edge.url);
    this.#changed = changed;
    this.#times = times;
  }

  /** Before the first check an edge counts as dead: nobody is asked to try it. */
  get health(): Health {
    return this.#health ?? { isUp: false, against: 0, fault: "not checked yet" };
  }

  /** Resolves after the first check. The others follow by themselves. */
  async start(): Promise<void> {
    const startedMs = performance.now();
    const before = this.#health;
    this.#health = afterCheck(before, await this.#check());
    if (this.#isStopped) return;
    if (before?.isUp !== this.#health.isUp) this.#changed(this.#health);
    // The next check waits for the end of this one, so checks never pile up.
    const waitMs = Math.max(0, this.#times.everyMs - (performance.now() - startedMs));
    this.#timer = setTimeout(() => void this.start(), waitMs);
  }

  #check(): Promise<CheckResult> {
    const { withinMs, secureContext } = this.#times;
    return checkEdge(this.#address, this.#addresses, withinMs, secureContext);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
