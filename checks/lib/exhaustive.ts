import { appendFileSync } from "node:fs";

/** Whether everything is tested (`npm test -- --all`), not a sample of it (`npm test`). */
export const isExhaustive = process.env.LECTERN_ALL === "1";

/**
 * All cases under `npm test -- --all`, else `count` of them, spread evenly from the first to the last.
 * What is left out goes into the run's summary under `what`, a plural noun ("faults of Owncast's answers").
 */
export function sample<T>(what: string, cases: readonly T[], count: number): readonly T[] {
  if (isExhaustive || cases.length <= count) return cases;
  noteLeftOut(`${cases.length - count} of ${cases.length} ${what}`);
  return Array.from(
    { length: count },
    (_, at) => cases[Math.round((at * (cases.length - 1)) / Math.max(1, count - 1))]!,
  );
}

/** How many runs a property test makes: `many` under `npm test -- --all`, else `few`. */
export const runs = (few: number, many: number): number => (isExhaustive ? many : few);

/** Adds a line to what the summary says was left out. Without a run of lanes around the test, nobody asks for it. */
export function noteLeftOut(line: string): void {
  const file = process.env.LECTERN_LEFT_OUT;
  if (file) appendFileSync(file, `${line}\n`);
}
