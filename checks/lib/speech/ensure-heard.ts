import type { TestContext } from "vitest";

// An idle machine of two processors needs 0.25 to 0.5 beside Owncast. With more, words come after their deadlines.
const mostRealTime = 0.6;

/**
 * Skips the rest of a test if the engine had too little processor time: what it then misses says nothing of the chain. The run's
 * summary says so. `realTimeFactor`: the engine's seconds for a second of sound.
 */
export function ensureHeard({ skip, task }: TestContext, realTimeFactor: number | null | undefined): void {
  if (realTimeFactor == null || realTimeFactor <= mostRealTime) return;
  const why = `the engine took ${realTimeFactor.toFixed(2)} s for a second of sound`;
  task.meta.lacks = `inconclusive, ${why} → run it again on a quieter machine`;
  skip(why);
}
