/**
 * The result of a lane. `notes` say why it failed, or why it was skipped and how to enable it.
 * @typedef {object} LaneResult
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} leftOut tests that only `--all` runs
 * @property {number} seconds the sum over its files, of which some run at the same time
 * @property {readonly string[]} notes
 */

/** @typedef {Omit<LaneResult, "name">} Counts */
/** @typedef {import("./report.mjs").Report} Report */

/** @type {Counts} */
export const nothing = { passed: 0, failed: 0, skipped: 0, leftOut: 0, seconds: 0, notes: [] };

/**
 * The counts of a project. A file that cannot be run counts as one failed, and so does a project without a file or a report.
 * @param {string} project
 * @param {Report | undefined} report
 * @param {boolean} isExhaustive
 * @returns {Counts}
 */
export function countTests(project, report, isExhaustive) {
  if (!report) return { ...nothing, failed: 1, notes: ["vitest ended without a report"] };
  const files = report.files.filter((file) => file.project === project);
  if (files.length === 0) return { ...nothing, failed: 1, notes: ["it has no test file"] };
  const tests = files.flatMap(({ file, fault, tests }) =>
    tests.map((test) => ({
      ...test,
      file,
      // A test that is skipped without a reason was left out, unless its file could not be run.
      isLeftOut: test.state === "skipped" && !test.reason && !isExhaustive && !fault,
    })),
  );
  const broken = files.filter(({ fault }) => fault);
  const failed = tests.filter(({ state }) => state === "failed");
  const skipped = tests.filter(({ state, isLeftOut }) => state === "skipped" && !isLeftOut);
  return {
    passed: tests.filter(({ state }) => state === "passed").length,
    failed: failed.length + broken.length,
    skipped: skipped.length,
    leftOut: tests.filter(({ isLeftOut }) => isLeftOut).length,
    seconds: files.reduce((sum, { seconds }) => sum + seconds, 0),
    notes: [
      ...failed.map(({ file, name, reason }) => `${file}: ${name}${reason ? ` (${reason})` : ""}`),
      ...broken.map(({ file, fault }) => `${file} could not be run (${fault})`),
      ...lacking(skipped),
    ],
  };
}

/**
 * Counts each error outside of all tests as one failed, for example a promise that rejects after its test. If vitest ended with a failure
 * that its report does not show, that counts as one too.
 * @param {readonly import("./report.mjs").ErrorOutside[]} errors
 * @param {number | string} outcome the exit code of vitest, or the signal that ended it
 * @param {boolean} isExplained whether the report of that run shows a failure
 * @returns {LaneResult[]}
 */
export function countErrorsOutside(errors, outcome, isExplained) {
  const notes = errors.map(({ message, file }) => `${file ?? "some file"}: an error outside its tests (${message})`);
  if (outcome !== 0 && !isExplained)
    notes.push(`vitest ended with ${outcome}, although no test failed: see its errors above`);
  return notes.length === 0 ? [] : [{ name: "outside tests", ...nothing, failed: notes.length, notes }];
}

/**
 * One note for each reason, with the number of tests that it skips.
 * @param {readonly { file: string, reason?: string }[]} skipped
 */
function lacking(skipped) {
  const reasons = skipped.map(({ file, reason }) => reason ?? `${file} gives no reason`);
  return [...new Set(reasons)].map(
    (reason) => `${reasons.filter((each) => each === reason).length} skipped: ${reason}`,
  );
}
