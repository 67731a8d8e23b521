import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tree } from "../setup/provision.mjs";
import { countTests } from "./run-lane.mjs";
import { summarise } from "./summary.mjs";

const result = { passed: 0, failed: 0, skipped: 0, seconds: 1.25, notes: [] };
const note = "cannot run here: Nix was not found → apt-get install nix-bin";

describe("summarise", () => {
  const lines = summarise([
    { ...result, name: "unit", passed: 12, skipped: 2 },
    { ...result, name: "flake", skipped: 1, notes: [note] },
    { ...result, name: "e2e", passed: 3, failed: 1 },
  ])
    .trimStart()
    .split("\n");

  it("leads with what was not proven", () =>
    expect(lines.slice(0, 3)).toEqual(["Not proven here:", "  unit: 2 skipped", `  flake: ${note}`]));
  it("gives each lane's numbers", () =>
    expect(lines.find((line) => line.startsWith("unit"))?.split(/\s+/)).toEqual(["unit", "12", "0", "2", "1.3"]));
  it("ends with the totals and nothing else", () =>
    expect(lines.slice(-2)).toEqual(["15 passed, 1 failed, 3 skipped", ""]));
});

describe("countTests", () => {
  const file = { name: "a.test.ts", status: "passed", assertionResults: [{ status: "passed" }] };
  const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [file] };
  const broken = { name: "b.test.ts", status: "failed", assertionResults: [] };
  const failed = {
    name: join(tree, "src/c.test.ts"),
    status: "failed",
    assertionResults: [
      { status: "passed", fullName: "adds" },
      { status: "failed", fullName: "subtracts", failureMessages: ["Error: \u001b[31m1\u001b[39m is not 2\n  at …"] },
    ],
  };

  it.each([
    { claim: "takes vitest's numbers", given: report, outcome: 0, counts: { passed: 5, failed: 0, skipped: 2 } },
    {
      claim: "counts a failed test once, and names it with its reason",
      given: { ...report, numFailedTests: 1, testResults: [failed] },
      outcome: 1,
      counts: { failed: 1, notes: ["src/c.test.ts: subtracts (Error: 1 is not 2)"] },
    },
    {
      claim: "counts a file that cannot be loaded as failed",
      given: { ...report, numFailedTests: 1, testResults: [file, failed, broken] },
      outcome: 1,
      counts: { passed: 5, failed: 2 },
    },
    {
      claim: "counts an error outside the tests as failed",
      given: report,
      outcome: 1,
      counts: { passed: 5, failed: 1 },
    },
    {
      claim: "counts a lane without tests as failed",
      given: { ...report, numPassedTests: 0, testResults: [] },
      outcome: 1,
      counts: { failed: 1, notes: ["it has no test file"] },
    },
    {
      claim: "counts a run that died as failed",
      given: undefined,
      outcome: "SIGKILL",
      counts: { failed: 1, notes: ["vitest was ended by SIGKILL without a report"] },
    },
  ])("$claim", ({ given, outcome, counts }) => expect(countTests(given, outcome)).toMatchObject(counts));
});
