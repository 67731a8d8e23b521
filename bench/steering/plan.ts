import { SetupError } from "../../tools/process/errors.mjs";

/**
 * What happens to an edge. In `hung after a kill` the same pages have lost an edge before. `without steering` proves the
 * measurement: the edge hangs, and nobody tells the players to leave.
 */
export const parts = ["killed", "hung", "drained", "hung after a kill", "without steering"] as const;
export type PartName = (typeof parts)[number];

/** What a run measures. */
export interface Plan {
  readonly parts: readonly PartName[];
  /** How often each player loses its edge in each of the first three ways; in the others it does once. */
  readonly rounds: number;
}

const usualRounds = 10;

/** Reads `parts` (names, separated by semicolons) and `rounds`. Throws SetupError 64 for unknown values. */
export function planFor({ named = "", rounds = "" }: { readonly named?: string; readonly rounds?: string }): Plan {
  const names = named
    .split(";")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const unknown = names.filter((name) => !parts.some((part) => part === name));
  if (unknown.length > 0)
    throw new SetupError(
      `LECTERN_BENCH_STEERING names nothing: ${unknown.join("; ")}`,
      `name some of: ${parts.join("; ")}`,
      64,
    );
  const count = Number(rounds || usualRounds);
  if (!Number.isInteger(count) || count < 1)
    throw new SetupError(`LECTERN_BENCH_ROUNDS is ${rounds}`, "give a whole number of rounds", 64);
  return { parts: parts.filter((part) => names.length === 0 || names.includes(part)), rounds: count };
}
