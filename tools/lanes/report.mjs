import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * One run of a test. `reason` is why it failed, or what a skipped test lacks; a test that only `--all` runs is skipped without one.
 * @typedef {{ name: string, state: "passed" | "failed" | "skipped", reason?: string }} TestReport
 */

/**
 * One test file of a project of vitest.config.ts; `file` is relative to the checkout. `fault` is set if it could not be run.
 * @typedef {{ project: string, file: string, seconds: number, tests: readonly TestReport[], fault?: string }} FileReport
 */

/**
 * What is kept of a run of tests: its id, what tests say they left out, and its files. `seconds` has how long each file took when it was
 * last run, in this run or an earlier one, by `keyOf`.
 * @typedef {{ run: string, leftOut: readonly string[], files: readonly FileReport[], seconds: Readonly<Record<string, number>> }} Report
 */

// Enough for a property test's seed and counterexample.
export const reasonLength = 600;

/** @type {(file: { project: string, file: string }) => string} */
export const keyOf = ({ project, file }) => `${project}: ${file}`;

/** Where runs of tests keep files for the next one, out of Git's sight. */
export const cacheFolder = fileURLToPath(new URL("../../.cache", import.meta.url));
/** Where the report of the last run is kept. */
export const reportPath = join(cacheFolder, "test-report.json");

/**
 * The report of the last run; undefined if there is none.
 * @returns {Report | undefined}
 */
export function readReport() {
  try {
    return JSON.parse(readFileSync(reportPath, "utf8"));
  } catch {
    return undefined;
  }
}
