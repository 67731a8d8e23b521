import { expect, it } from "vitest";
import { countErrorsOutside, countTests, nothing } from "./counts.mjs";
import type { FileReport, TestReport } from "./report.mjs";

const passed: TestReport = { name: "adds", state: "passed" };
const failed: TestReport = { name: "subtracts", state: "failed", reason: "Error: 1 is not 2" };
const file = (...tests: TestReport[]): FileReport => ({ project: "unit", file: "a.test.ts", seconds: 1, tests });
const leftOut: TestReport = { name: "every fault", state: "skipped" };
const lacking: TestReport = { name: "formats", state: "skipped", reason: "no nixfmt → npm run setup" };

it.each([
  {
    claim: "counts each test, and adds up the files' seconds",
    files: [file(passed), file(passed, passed)],
    counts: { passed: 3, seconds: 2 },
  },
  {
    claim: "ignores files of other projects",
    files: [file(passed), { ...file(failed), project: "e2e" }],
    counts: { passed: 1, failed: 0 },
  },
  {
    claim: "names a failed test with its reason",
    files: [file(passed, failed)],
    counts: { passed: 1, failed: 1, notes: ["a.test.ts: subtracts (Error: 1 is not 2)"] },
  },
  {
    claim: "counts a file that cannot be run as failed",
    files: [{ ...file(leftOut), fault: "no such module" }],
    counts: {
      failed: 1,
      skipped: 1,
      leftOut: 0,
      notes: ["a.test.ts could not be run (no such module)", "1 skipped: a.test.ts gives no reason"],
    },
  },
  {
    claim: "says once what the skipped tests need",
    files: [file(lacking, lacking)],
    counts: { skipped: 2, leftOut: 0, notes: ["2 skipped: no nixfmt → npm run setup"] },
  },
  {
    claim: "counts a test that is skipped without a reason as left out",
    files: [file(passed, leftOut)],
    counts: { passed: 1, skipped: 0, leftOut: 1, notes: [] },
  },
  {
    claim: "counts such a test as skipped if nothing is left out",
    files: [file(leftOut)],
    isExhaustive: true,
    counts: { skipped: 1, leftOut: 0, notes: ["1 skipped: a.test.ts gives no reason"] },
  },
  {
    claim: "counts a project without a file as failed",
    files: [],
    counts: { failed: 1, notes: ["it has no test file"] },
  },
])("$claim", ({ files, counts, isExhaustive = false }) =>
  expect(
    countTests("unit", { run: "", leftOut: [], files, errors: [], passedAlone: [], seconds: {} }, isExhaustive),
  ).toMatchObject(counts),
);

it("counts a run that died as failed", () =>
  expect(countTests("unit", undefined, false)).toEqual({
    ...nothing,
    failed: 1,
    notes: ["vitest ended without a report"],
  }));

it.each([
  {
    claim: "each error outside the tests counts as failed, with its file",
    errors: [{ message: "Error: gone", file: "a.test.ts" }, { message: "Error: no worker" }],
    notes: [/^a\.test\.ts: .*\(Error: gone\)$/, /^some file: .*\(Error: no worker\)$/],
  },
  { claim: "a run that ended badly for no reason in its report counts as failed", notes: [/^vitest ended with 1, /] },
  { claim: "a signal that ends vitest counts as failed", outcome: "SIGSEGV", notes: [/^vitest ended with SIGSEGV, /] },
  { claim: "a failed test is counted once", isExplained: true, notes: [] },
  { claim: "a run without an error adds no failure", outcome: 0, notes: [] },
])("$claim", ({ errors = [], outcome = 1, isExplained = errors.length > 0, notes }) => {
  const [outside = nothing] = countErrorsOutside(errors, outcome, isExplained);
  expect(outside).toMatchObject({ failed: notes.length, notes: notes.map((note) => expect.stringMatching(note)) });
});
