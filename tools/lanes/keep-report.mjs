// The parts of vitest.config.ts that write a run's report, and order the next run by it.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { BaseSequencer } from "vitest/node";
import { keyOf, readReport, reasonLength, reportPath, writeReport } from "./report.mjs";

/** @typedef {import("./report.mjs").ErrorOutside} ErrorOutside */
/** @typedef {import("./report.mjs").FileReport} FileReport */
/** @typedef {import("./report.mjs").TestReport} TestReport */

/** A reporter of vitest that writes the report at the end of a run. */
export class ReportKeeper {
  #path;

  /** @param {string} path of the report */
  constructor(path = reportPath) {
    this.#path = path;
  }

  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly import("vitest/node").SerializedError[]} errors outside of all tests
   */
  onTestRunEnd(modules, errors) {
    const files = modules.map(reportFile);
    const seconds = {
      ...readReport(this.#path)?.seconds,
      ...Object.fromEntries(files.map((file) => [keyOf(file), file.seconds])),
    };
    const { LECTERN_RUN: run = "", LECTERN_LEFT_OUT: leftOutFile = "" } = process.env;
    const leftOut = existsSync(leftOutFile) ? readFileSync(leftOutFile, "utf8").trim().split("\n") : [];
    const outside = errors.map((error) => reportError(error, modules));
    writeReport({ run, leftOut: [...new Set(leftOut)], files, errors: outside, passedAlone: [], seconds }, this.#path);
  }
}

/** @type {(module: import("vitest/node").TestModule) => FileReport} */
function reportFile(module) {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic();
  const tests = [...module.children.allTests()].map(reportTest);
  const isBroken = module.state() === "failed" && !tests.some(({ state }) => state === "failed");
  return {
    project: module.project.name,
    file: module.relativeModuleId,
    seconds: Math.round(environmentSetupDuration + prepareDuration + setupDuration + collectDuration + duration) / 1000,
    tests,
    ...(isBroken && { fault: inOneLine(module.errors()[0]?.message) || "an error outside its tests" }),
  };
}

/** @type {(error: import("vitest/node").SerializedError, modules: readonly import("vitest/node").TestModule[]) => ErrorOutside} */
function reportError({ message, VITEST_TEST_PATH: path }, modules) {
  const file = modules.find(({ moduleId }) => moduleId === path)?.relativeModuleId;
  return { message: inOneLine(message), ...(file !== undefined && { file }) };
}

/** @type {(test: import("vitest/node").TestCase) => TestReport} */
function reportTest(test) {
  const result = test.result();
  const { lacks } = /** @type {{ lacks?: string }} */ (test.meta());
  const skipped = { name: test.fullName, state: /** @type {const} */ ("skipped") };
  if (result.state === "skipped" || result.state === "pending") {
    const reason = lacks ?? (test.options.mode === "todo" ? "it is not written yet" : undefined);
    return { ...skipped, ...(reason && { reason }) };
  }
  const reason = inOneLine(result.errors?.[0]?.message);
  return { name: test.fullName, state: result.state, ...(reason && { reason }) };
}

/**
 * The summary at the end of a log stays short: one line for an error.
 * @param {string} [message]
 */
const inOneLine = (message = "") => stripVTControlCharacters(message).replaceAll(/\s+/g, " ").slice(0, reasonLength);

/**
 * Orders the files of all projects as one list, so that the workers end at about the same time. The file that took longest the last
 * time comes first. A file without a time counts as long as its time-out.
 */
export class LongestFirst extends BaseSequencer {
  /**
   * @override
   * @param {import("vitest/node").TestSpecification[]} files
   */
  async sort(files) {
    const { seconds = {} } = readReport() ?? {};
    const rank = (/** @type {import("vitest/node").TestSpecification} */ { project, moduleId }) =>
      seconds[keyOf({ project: project.name, file: relative(project.config.root, moduleId) })] ??
      project.config.testTimeout;
    return [...files].sort((one, other) => rank(other) - rank(one));
  }
}
