import type { TestContext } from "vitest";
import { type LineReport, whyInconclusive } from "../../../src/rehearse/link.ts";

/** Skips the rest of a test if the machine was too busy for its lines. The run's summary says so. */
export function ensureConclusive({ skip, task }: TestContext, ...reports: readonly LineReport[]): void {
  for (const report of reports) {
    const why = whyInconclusive(report);
    if (why === undefined) continue;
    task.meta.lacks = `inconclusive, ${why} → run it again on a quieter machine`;
    skip(why);
  }
}
