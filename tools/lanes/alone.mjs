// A busy machine fails tests that wait for streams and players in real time. Their files run once more, with nothing beside them.
import { keyOf } from "./report.mjs";

/** @typedef {import("./report.mjs").FileReport} FileReport */
/** @typedef {import("./report.mjs").PassedAlone} PassedAlone */
/** @typedef {import("./report.mjs").Report} Report */
/** @typedef {import("./report.mjs").TestReport} TestReport */

/** The reason of a test that waits for the second part of the run. */
export const putOffReason = "put off until no other test runs";

// The tests of flakes, also those of newest-nix, measure no time.
const timedProjects = ["e2e", "browser", "systemd", "newest-caddy", "newest-systemd"];
// More failures than that do not come from a busy machine.
const mostFiles = { all: 12, sample: 3 };

/** @param {TestReport} test */
const isInconclusive = ({ state, reason }) => state === "skipped" && reason?.startsWith("inconclusive") === true;
/** @param {TestReport} test */
const isPutOff = ({ state, reason }) => state === "skipped" && reason === putOffReason;
/** @param {TestReport} test */
const hasFailed = ({ state }) => state === "failed";

/**
 * The files that run by themselves: those with tests that were put off, and those that failed or were inconclusive. If these are too
 * many, none of them runs again, and `tooMany` is their number.
 * @param {Pick<Report, "files" | "errors">} report
 * @param {boolean} isExhaustive
 * @returns {{ files: readonly FileReport[], tooMany: number }}
 */
export function chooseAlone({ files, errors }, isExhaustive) {
  const putOff = files.filter(({ tests }) => tests.some(isPutOff));
  const troubled = files.filter(
    ({ project, file, tests, fault }) =>
      timedProjects.includes(project) &&
      (fault !== undefined ||
        tests.some((test) => hasFailed(test) || isInconclusive(test)) ||
        errors.some((error) => error.file === file)),
  );
  const areTooMany = troubled.length > mostFiles[isExhaustive ? "all" : "sample"];
  const again = areTooMany ? [] : troubled;
  return {
    files: files.filter((file) => putOff.includes(file) || again.includes(file)),
    tooMany: areTooMany ? troubled.length : 0,
  };
}

/**
 * What `runAlone` needs. Tests pass stand-ins. `keep` writes the report.
 * @typedef {object} AloneMeans
 * @property {(file: FileReport) => Promise<import("./run-vitest.mjs").VitestRun>} run
 * @property {(report: Report) => void} keep
 * @property {(line: string) => void} say
 */

/**
 * Runs files by themselves, one after the other. Resolves to the report in which each one's second result replaces the first one.
 * @param {Report} report of the run of all files
 * @param {boolean} isExhaustive
 * @param {AloneMeans} means
 * @returns {Promise<Report>}
 */
export async function runAlone(report, isExhaustive, { run, keep, say }) {
  const { files, tooMany } = chooseAlone(report, isExhaustive);
  if (tooMany > 0)
    say(
      `${tooMany} files failed or were inconclusive. A busy machine does not cause so many, so they do not run again.`,
    );
  let merged = report;
  for (const [at, file] of files.entries()) {
    say(`\nBy itself, ${at + 1} of ${files.length}: ${keyOf(file)}`);
    merged = mergeReport(merged, file, await run(file));
    keep(merged);
  }
  return merged;
}

/** @type {(report: Report, first: FileReport, run: import("./run-vitest.mjs").VitestRun) => Report} */
function mergeReport(report, first, run) {
  const second = secondOf(first, run);
  const { file, passedAlone } = mergeFile(first, second);
  const isGreen = file.fault === undefined && !file.tests.some(hasFailed);
  const outside = report.errors.filter((error) => error.file === first.file);
  const { project } = first;
  const goneErrors = outside.map(({ message }) => ({ name: "outside its tests", reason: message }));
  return {
    ...report,
    leftOut: [...new Set([...report.leftOut, ...(run.report?.leftOut ?? [])])],
    files: report.files.map((each) => (each === first ? file : each)),
    // A second project that has the file runs it again, too: the error belongs to either.
    errors: report.errors.filter((error) => !outside.includes(error)),
    passedAlone: [
      ...report.passedAlone,
      ...passedAlone,
      ...(isGreen ? goneErrors.map((error) => ({ project, file: first.file, ...error })) : []),
    ],
    seconds: { ...report.seconds, [keyOf(file)]: file.seconds },
  };
}

/**
 * A file's report of its run by itself. Whatever vitest says beside the tests is the file's fault.
 * @type {(first: FileReport, run: import("./run-vitest.mjs").VitestRun) => FileReport}
 */
function secondOf(first, { report, outcome }) {
  const own = report?.files.find((file) => keyOf(file) === keyOf(first));
  if (!own) return { ...first, fault: `by itself, vitest ended with ${outcome} and without a report` };
  if (own.fault !== undefined || own.tests.some(hasFailed)) return own;
  if (report?.errors[0]) return { ...own, fault: report.errors[0].message };
  return outcome === 0 ? own : { ...own, fault: `by itself, vitest ended with ${outcome}` };
}

/**
 * The second result of a file, in place of the first one. Whatever failed at first must pass now: a test that is skipped instead stays
 * failed.
 * @param {FileReport} first
 * @param {FileReport} second
 * @returns {{ file: FileReport, passedAlone: readonly PassedAlone[] }}
 */
export function mergeFile(first, second) {
  const statesOf = (/** @type {string} */ wanted) =>
    second.tests.flatMap(({ name, state }) => (name === wanted ? [state] : []));
  const passes = (/** @type {TestReport} */ { name }) =>
    statesOf(name).length > 0 && statesOf(name).every((state) => state === "passed");
  const unproven = first.tests.filter(
    (test) => hasFailed(test) && !passes(test) && !statesOf(test.name).includes("failed"),
  );
  const troubled = first.tests.filter((test) => hasFailed(test) || isInconclusive(test));
  const stays = first.fault !== undefined && !second.tests.some(({ state }) => state === "passed");
  const fault = second.fault ?? (stays ? first.fault : undefined);
  const isMended = first.fault !== undefined && fault === undefined && !second.tests.some(hasFailed);
  const { project, file } = first;
  return {
    file: {
      ...second,
      tests: [...second.tests.filter(({ name }) => !unproven.some((test) => test.name === name)), ...unproven],
      ...(fault !== undefined && { fault }),
    },
    passedAlone: [
      ...(isMended ? [{ project, file, name: "the whole file", reason: first.fault ?? "" }] : []),
      ...troubled.filter(passes).map(({ name, reason = "" }) => ({ project, file, name, reason })),
    ],
  };
}
