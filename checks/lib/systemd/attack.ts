import { type Companion, startCompanion } from "./companion.ts";

export interface AttackTarget {
  /** Addresses of Owncast, or of servers that lead to it. The names in https addresses resolve to `address`. */
  readonly web: readonly string[];
  readonly address: string;
  /** Where cameras publish: `rtmp://host:port/live`. */
  readonly rtmp: readonly string[];
}

interface Tries {
  readonly won: number;
  /** How many tries reached a server that could accept or refuse them. */
  readonly answered: number;
}

/** How far an attacker that knows Owncast's public defaults got: successful log-ins, accepted publishers. */
export interface Attack {
  readonly admin: Tries;
  readonly ingest: Tries;
}

/** Tries the public password and key in a loop, from the namespace that `enter` leads to. */
export const startAttack = (target: AttackTarget, enter: (command: readonly string[]) => string[]): Companion<Attack> =>
  startCompanion<Attack>("attack-program.ts", target, enter);
