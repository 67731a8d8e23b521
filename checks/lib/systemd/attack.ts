import { type Companion, startCompanion } from "./companion.ts";

export interface AttackTarget {
  /** Addresses that are Owncast's or lead to it; the names of https ones are looked for at `address`. */
  readonly web: readonly string[];
  readonly address: string;
  /** Where cameras publish: `rtmp://host:port/live`. */
  readonly rtmp: readonly string[];
}

interface Tries {
  readonly won: number;
  /** How many reached something that could say yes or no. */
  readonly answered: number;
}

/** What somebody who knows Owncast's public defaults got: log-ins that were let in, publishes that were taken. */
export interface Attack {
  readonly admin: Tries;
  readonly ingest: Tries;
}

/** Tries the public password and key all the time, from where `enter` leads. */
export const startAttack = (target: AttackTarget, enter: (command: readonly string[]) => string[]): Companion<Attack> =>
  startCompanion<Attack>("attack-program.ts", target, enter);
