import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The result of a test. `reason` is why it failed, or what a skipped test lacks. A test that only `--all` runs is skipped without one.
 * @typedef {{ name: string, state: "passed" | "failed" | "skipped", reason?: string }} TestReport
 */

/**
 * One test file of a project of vitest.config.ts; `file` is relative to the checkout. `fault` is set if it could not be run.
 * @typedef {{ project: string, file: string, seconds: number, tests: readonly TestReport[], fault?: string }} FileReport
 */

/**
 * An error outside of all tests, for example a promise that rejects after its test. `file` is the file that ran then, if vitest knows it.
 * @typedef {{ message: string, file?: string }} ErrorOutside
 */

/**
 * A test that failed or was inconclusive beside other tests, and passed when its file ran by itself. `reason` is why it had failed.
 * @typedef {{ project: string, file: string, name: string, reason: string }} PassedAlone
 */

/**
 * The record of a run of tests. `run` is its id. `leftOut` is what tests say that they left out. `seconds` tells by `keyOf` how long each
 * file took the last time, in this run or an earlier one.
 * @typedef {object} Report
 * @property {string} run
 * @property {readonly string[]} leftOut
 * @property {readonly FileReport[]} files
 * @property {readonly ErrorOutside[]} errors
 * @property {readonly PassedAlone[]} passedAlone
 * @property {Readonly<Record<string, number>>} seconds
 */

// Long enough for a property test's seed and counterexample.
export const reasonLength = 600;

/** @type {(file: { project: string, file: string }) => string} */
export const keyOf = ({ project, file }) => `${project}: ${file}`;

/** The folder with files for the next run of tests. Git ignores it. */
export const cacheFolder = fileURLToPath(new URL("../../.cache", import.meta.url));
export const reportPath = join(cacheFolder, "test-report.json");

/**
 * The report of the last run; undefined if there is none.
 * @returns {Report | undefined}
 */
export function readReport(path = reportPath) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** @type {(report: Report, path?: string) => void} */
export function writeReport(report, path = reportPath) {
  writeFileSync(path, `${JSON.stringify(report, undefined, 1)}\n`);
}
