/** @typedef {import("./run-lane.mjs").LaneResult} LaneResult */

/**
 * The end of a test run, for a person: first what was not proven, then each lane's numbers,
 * and as its last line `N passed, N failed, N skipped`. A lane that could not run counts as one skipped.
 * @param {readonly LaneResult[]} results
 */
export function summarise(results) {
  const total = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    results.reduce((sum, result) => sum + result[key], 0);
  const failed = results.filter((result) => result.failed > 0);
  const skipped = results.filter((result) => result.failed === 0 && result.skipped > 0);
  return [
    "",
    ...section("Not proven here:", skipped),
    ...section("Failed:", failed),
    ...table(results),
    "",
    `${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`,
    "",
  ].join("\n");
}

/** @type {(title: string, results: readonly LaneResult[]) => string[]} */
function section(title, results) {
  if (results.length === 0) return [];
  const lines = results.flatMap(({ name, notes, failed, skipped }) =>
    (notes.length > 0 ? notes : [failed > 0 ? `${failed} failed` : `${skipped} skipped`]).map(
      (note) => `  ${name}: ${note}`,
    ),
  );
  return [title, ...lines, ""];
}

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
