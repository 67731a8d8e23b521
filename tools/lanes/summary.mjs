/** @typedef {import("./counts.mjs").LaneResult} LaneResult */

const slowestShown = 10;

/**
 * @typedef {object} Run
 * @property {readonly LaneResult[]} results
 * @property {number} seconds how long the whole run took
 * @property {readonly Pick<import("./report.mjs").FileReport, "project" | "file" | "seconds">[]} files
 * @property {readonly import("./report.mjs").PassedAlone[]} passedAlone
 * @property {readonly string[]} leftOut what only `--all` runs, in addition to the tests that `results` count
 * @property {string} everything the command that runs everything
 * @property {string} report path of the report
 */

/**
 * The summary of a test run, for a person: what was not proven, what failed, what passed only by itself, each lane's numbers, the slowest files,
 * and what was left out.
 * The last line is `N passed, N failed, N skipped`. A lane that could not run counts as one skipped.
 * @param {Run} run
 */
export function summarise({ results, seconds, files, passedAlone, leftOut, everything, report }) {
  const total = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    results.reduce((sum, result) => sum + result[key], 0);
  const notesOf = (/** @type {readonly LaneResult[]} */ some) =>
    some.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`));
  const unfinished = results.filter(({ leftOut }) => leftOut > 0);
  const whatWasLeftOut = [...unfinished.map(({ name, leftOut }) => `${name}: ${leftOut} tests`), ...leftOut];
  const slowest = [...files].sort((one, other) => other.seconds - one.seconds).slice(0, slowestShown);
  return [
    "",
    ...section("Not proven here:", notesOf(results.filter(({ failed, skipped }) => failed === 0 && skipped > 0))),
    ...section("Failed:", notesOf(results.filter(({ failed }) => failed > 0))),
    ...section(
      "Passed only by itself, after it had failed or was inconclusive beside other tests:",
      passedAlone.map(({ project, file, name, reason }) => `${project}: ${file}: ${name} (${reason})`),
    ),
    ...table(results),
    "",
    ...section(
      "Slowest files, in seconds:",
      slowest.map(({ project, file, seconds }) => `${seconds.toFixed(1).padStart(7)}  ${project}: ${file}`),
    ),
    `It took ${inMinutes(seconds)}. The time of each file is in ${report}.`,
    "",
    ...section(`Left out; \`${everything}\` runs it too:`, whatWasLeftOut),
    `${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`,
    "",
  ].join("\n");
}

/** @type {(title: string, lines: readonly string[]) => string[]} */
const section = (title, lines) => (lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ""]);

/** @param {number} seconds */
const inMinutes = (seconds) => `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** @param {readonly LaneResult[]} results */
function table(results) {
  const rows = results.map(({ name, passed, failed, skipped, seconds }) => [
    name,
    passed,
    failed,
    skipped,
    seconds.toFixed(1),
  ]);
  return [["lane", "passed", "failed", "skipped", "seconds"], ...rows].map(([lane, ...cells]) =>
    [String(lane).padEnd(16), ...cells.map((cell) => String(cell).padStart(9))].join(""),
  );
}
