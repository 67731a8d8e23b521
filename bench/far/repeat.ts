import { mostLatePercent } from "../../src/rehearse/link.ts";

/** Something measured, and the share of packets that this machine delivered over 5 ms late meanwhile. */
export interface Measured<Value> {
  readonly value: Value;
  readonly latePercent: number;
  /** How often it was measured: again if too many packets were late. */
  readonly tries: number;
}

/** Whether a figure says more about this machine than about the line. */
export const isLate = ({ latePercent }: Pick<Measured<unknown>, "latePercent">): boolean =>
  latePercent > mostLatePercent;

const mostTries = 3;

/**
 * Measures some things at the same time, and then again those with too many late packets, up to three times in all. Of each it keeps the
 * try with the fewest late packets. `onRepeat` hears what is measured again.
 */
export async function untilConclusive<Key extends string, Value>(
  keys: readonly Key[],
  measure: (key: Key) => Promise<Omit<Measured<Value>, "tries">>,
  onRepeat: (keys: readonly Key[], tries: number) => void = () => {},
): Promise<Record<Key, Measured<Value>>> {
  const best = new Map<Key, Omit<Measured<Value>, "tries">>();
  const tries = new Map<Key, number>();
  let left = [...keys];
  for (let round = 1; left.length > 0 && round <= mostTries; round++) {
    if (round > 1) onRepeat(left, round);
    for (const [key, measured] of await Promise.all(left.map(async (key) => [key, await measure(key)] as const))) {
      const before = best.get(key);
      if (!before || measured.latePercent < before.latePercent) best.set(key, measured);
      tries.set(key, round);
    }
    left = left.filter((key) => isLate(best.get(key)!));
  }
  return Object.fromEntries(keys.map((key) => [key, { ...best.get(key)!, tries: tries.get(key)! }])) as Record<
    Key,
    Measured<Value>
  >;
}
