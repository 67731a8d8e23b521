import { expect, it } from "vitest";
import { nothing } from "./counts.mjs";
import { summarise } from "./summary.mjs";

const note = "cannot run here: Nix was not found → apt-get install nix-bin";
const lines = summarise({
  results: [
    {
      ...nothing,
      name: "unit",
      passed: 12,
      skipped: 2,
      seconds: 1.25,
      notes: ["2 skipped: no nixfmt → npm run setup"],
    },
    { ...nothing, name: "flake", skipped: 1, notes: [note] },
    { ...nothing, name: "e2e", passed: 3, failed: 1, leftOut: 5, notes: ["a.test.ts: holds (Error: no)"] },
  ],
  seconds: 61.4,
  files: Array.from({ length: 12 }, (_, at) => ({ project: "e2e", file: `${at}.test.ts`, seconds: at })),
  passedAlone: [{ project: "browser", file: "b.test.ts", name: "plays on", reason: "Error: it froze" }],
  leftOut: ["newest: the whole lane", "30 of 40 faults"],
  everything: "npm test -- --all",
  report: ".cache/report.json",
})
  .trimStart()
  .split("\n");

it("a summary begins with what was not proven, and what is missing for it", () =>
  expect(lines.slice(0, 3)).toEqual([
    "Not proven here:",
    "  unit: 2 skipped: no nixfmt → npm run setup",
    `  flake: ${note}`,
  ]));

it("a summary names the failed tests", () => expect(lines).toContain("  e2e: a.test.ts: holds (Error: no)"));

it("a summary names what passed only by itself, with its first fault", () => {
  const at = lines.indexOf("Passed only by itself, after it had failed or was inconclusive beside other tests:");
  expect(lines.slice(at, at + 3)).toEqual([expect.anything(), "  browser: b.test.ts: plays on (Error: it froze)", ""]);
});

it("a summary shows each lane's numbers", () =>
  expect(lines.find((line) => line.startsWith("unit"))?.split(/\s+/)).toEqual(["unit", "12", "0", "2", "1.3"]));

it("a summary shows the ten slowest files, the slowest first, and where the others are", () => {
  const at = lines.indexOf("Slowest files, in seconds:");
  expect(lines.slice(at + 1, at + 11)).toEqual(
    [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((number) => `${`${number}.0`.padStart(9)}  e2e: ${number}.test.ts`),
  );
  expect(lines.slice(at + 11, at + 13)).toEqual([
    "",
    "It took 1 min 1 s. The time of each file is in .cache/report.json.",
  ]);
});

it("a summary ends with the tests that were left out, how to run them, and the totals", () =>
  expect(lines.slice(-7)).toEqual([
    "Left out; `npm test -- --all` runs it too:",
    "  e2e: 5 tests",
    "  newest: the whole lane",
    "  30 of 40 faults",
    "",
    "15 passed, 1 failed, 3 skipped",
    "",
  ]));
