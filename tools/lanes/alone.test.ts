import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isExhaustive } from "../../checks/lib/exhaustive.ts";
import { ensureConclusive } from "../../checks/lib/far/conclusive.ts";
import { ensureCalm } from "../../checks/lib/process/processor-pressure.ts";
import { ensureHeard } from "../../checks/lib/speech/ensure-heard.ts";
import { chooseAlone, mergeFile, putOffReason, runAlone } from "./alone.mjs";
import type { ErrorOutside, FileReport, Report, TestReport } from "./report.mjs";
import { readReport, writeReport } from "./report.mjs";
import { runVitest } from "./run-vitest.mjs";

const passed: TestReport = { name: "plays", state: "passed" };
const failed: TestReport = { name: "plays", state: "failed", reason: "Error: it froze" };
const inconclusive: TestReport = { name: "plays", state: "skipped", reason: "inconclusive, too busy → run it again" };
const putOff: TestReport = { name: "plays", state: "skipped", reason: putOffReason };
const lacking: TestReport = { name: "plays", state: "skipped", reason: "needs nginx → npm run setup" };
const of = (project: string, file: string, ...tests: TestReport[]): FileReport => ({
  project,
  file,
  seconds: 1,
  tests,
});
const many = (count: number) => Array.from({ length: count }, (_, at) => of("e2e", `${at}.test.ts`, failed));

describe("of a crowded run", () => {
  it.each<{ claim: string; files: FileReport[]; errors?: ErrorOutside[]; chosen: string[] }>([
    {
      claim: "files that failed or were inconclusive run again",
      files: [of("e2e", "a", passed, failed), of("browser", "b", inconclusive), of("systemd", "c", passed)],
      chosen: ["a", "b"],
    },
    {
      claim: "files that could not be run do so, too",
      files: [{ ...of("newest-systemd", "a"), fault: "Hook timed out" }],
      chosen: ["a"],
    },
    {
      claim: "files with an error outside their tests do so, too",
      files: [of("e2e", "a", passed), of("e2e", "b", passed)],
      errors: [{ message: "Error: the camera ended", file: "b" }, { message: "Error: nobody's" }],
      chosen: ["b"],
    },
    {
      claim: "files of lanes that do not depend on load never do",
      files: ["unit", "drift", "flake", "eval", "vm", "newest-nix"].map((project) => of(project, project, failed)),
      chosen: [],
    },
    {
      claim: "files whose tests were left out, or lack something, do not",
      files: [of("e2e", "a", lacking), of("e2e", "b", { name: "plays", state: "skipped" })],
      chosen: [],
    },
    { claim: "files that were put off run then", files: [of("browser", "a", putOff)], chosen: ["a"] },
    {
      claim: "twelve files run again",
      files: many(12),
      chosen: many(12).map(({ file }) => file),
    },
    {
      claim: "of thirteen none does, but what was put off still runs",
      files: [...many(13), of("browser", "a", putOff)],
      chosen: ["a"],
    },
  ])("$claim", ({ files, errors = [], chosen }) =>
    expect(chooseAlone({ files, errors }, true).files.map(({ file }) => file)).toEqual(chosen),
  );

  it("a sample runs at most three files again, and says how many there were", () => {
    expect(chooseAlone({ files: many(3), errors: [] }, false)).toMatchObject({ files: many(3), tooMany: 0 });
    expect(chooseAlone({ files: many(4), errors: [] }, false)).toEqual({ files: [], tooMany: 4 });
  });
});

describe("a file's second result", () => {
  const fault = "Hook timed out";
  it.each<{ claim: string; first: Partial<FileReport>; second: Partial<FileReport>; states: string[]; told: string[] }>(
    [
      {
        claim: "counts if the test passes, and its first fault is told",
        first: { tests: [failed] },
        second: { tests: [passed] },
        ...{ states: ["passed"], told: ["plays: Error: it froze"] },
      },
      {
        claim: "counts if the test fails",
        first: { tests: [failed] },
        second: { tests: [{ ...failed, reason: "Error: again" }] },
        ...{ states: ["failed: Error: again"], told: [] },
      },
      {
        claim: "does not hide a failure by being inconclusive",
        first: { tests: [failed] },
        second: { tests: [inconclusive] },
        ...{ states: ["failed: Error: it froze"], told: [] },
      },
      {
        claim: "does not hide a failure by its absence",
        first: { tests: [failed] },
        second: { tests: [] },
        ...{ states: ["failed: Error: it froze"], told: [] },
      },
      {
        claim: "counts if a test that was inconclusive passes, and its first reason is told",
        first: { tests: [inconclusive] },
        second: { tests: [passed] },
        ...{ states: ["passed"], told: [`plays: ${inconclusive.reason}`] },
      },
      {
        claim: "counts if a test is inconclusive again",
        first: { tests: [inconclusive] },
        second: { tests: [inconclusive] },
        ...{ states: [`skipped: ${inconclusive.reason}`], told: [] },
      },
      {
        claim: "of a test that was put off is nothing to tell",
        first: { tests: [putOff] },
        second: { tests: [passed] },
        ...{ states: ["passed"], told: [] },
      },
      {
        claim: "mends a file that could not be run",
        first: { tests: [lacking], fault },
        second: { tests: [passed] },
        ...{ states: ["passed"], told: [`the whole file: ${fault}`] },
      },
      {
        claim: "does not mend it without a test that passes",
        first: { tests: [lacking], fault },
        second: { tests: [lacking] },
        ...{ states: [`skipped: ${lacking.reason}`, `fault: ${fault}`], told: [] },
      },
      {
        claim: "counts if the file cannot be run now",
        first: { tests: [passed, failed] },
        second: { tests: [], fault },
        ...{ states: ["failed: Error: it froze", `fault: ${fault}`], told: [] },
      },
    ],
  )("$claim", ({ first, second, states, told }) => {
    const { file, passedAlone } = mergeFile({ ...of("e2e", "a"), ...first }, { ...of("e2e", "a"), ...second });
    const said = file.tests.map(({ state, reason }) => (reason ? `${state}: ${reason}` : state));
    expect([...said, ...(file.fault ? [`fault: ${file.fault}`] : [])]).toEqual(states);
    expect(passedAlone.map(({ name, reason }) => `${name}: ${reason}`)).toEqual(told);
  });
});

it("each reason of a test that gives up on a busy machine leads to a second run", () => {
  const lack = (giveUp: (context: TestContext) => void): FileReport => {
    const task = { meta: {} as { lacks?: string } };
    giveUp({ task, skip: () => {} } as unknown as TestContext);
    return of("e2e", "a", { name: "plays", state: "skipped", reason: task.meta.lacks ?? "" });
  };
  const late = { down: { latePercent: 9 }, up: { latePercent: 0 } } as Parameters<typeof ensureConclusive>[1];
  for (const file of [
    lack((context) => ensureCalm(context, 0.9)),
    lack((context) => ensureHeard(context, 3)),
    lack((context) => ensureConclusive(context, late)),
  ])
    expect(chooseAlone({ files: [file], errors: [] }, true).files).toEqual([file]);
});

// It starts vitest three times.
describe.runIf(isExhaustive)("with vitest", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lectern-alone-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("a file that fails only beside others passes by itself, and what always fails has failed", async () => {
    const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    const path = join(folder, "report.json");
    writeFileSync(
      join(folder, "vitest.config.mjs"),
      `import { ReportKeeper } from ${module("keep-report.mjs")};
      export default { test: {
        reporters: [new ReportKeeper(${JSON.stringify(path)})],
        projects: [{ test: { name: "e2e", globals: true, include: ["*.test.mjs"] } }],
      } };`,
    );
    const isCrowded = 'process.env.LECTERN_CROWDED === "1"';
    const files = {
      "busy.test.mjs": `
        test("plays", () => expect(${isCrowded}).toBe(false));
        test("waits", { skip: ${isCrowded}, meta: { lacks: ${JSON.stringify(putOffReason)} } }, () => {});
        if (${isCrowded}) setTimeout(() => Promise.reject(new Error("the camera ended")), 1);
        test("goes on", () => new Promise((done) => setTimeout(done, 50)));`,
      "broken.test.mjs": 'test("plays", () => expect([1]).toEqual([]));',
      "well.test.mjs": 'test("plays", () => {});',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { signal } = new AbortController();
    const options = { signal, environment: {}, isExhaustive: true, folder, path };
    const first = await runVitest(["e2e"], { ...options, isCrowded: true });
    expect(first.report?.errors).toEqual([{ message: "the camera ended", file: "busy.test.mjs" }]);
    const said: string[] = [];
    const report = await runAlone(first.report as Report, true, {
      run: ({ project, file }) => runVitest([project], { ...options, isCrowded: false, files: [file] }),
      keep: (merged) => writeReport(merged, path),
      say: (line) => said.push(line.trim()),
    });
    expect(readReport(path)).toEqual(report);
    expect(said.sort()).toEqual([
      expect.stringMatching(/^By itself, 1 of 2: e2e: \w+\.test\.mjs$/),
      expect.stringMatching(/^By itself, 2 of 2: e2e: \w+\.test\.mjs$/),
    ]);
    const states = report.files.map(({ file, tests }) => [file, ...tests.map(({ state }) => state)].join(" "));
    expect(states.sort()).toEqual([
      "broken.test.mjs failed",
      "busy.test.mjs passed passed passed",
      "well.test.mjs passed",
    ]);
    expect(report.errors).toEqual([]);
    expect(report.passedAlone).toEqual([
      expect.objectContaining({ project: "e2e", file: "busy.test.mjs", name: "plays" }),
      expect.objectContaining({ name: "outside its tests", reason: "the camera ended" }),
    ]);
  });
});
