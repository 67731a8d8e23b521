import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { step } from "../../src/lib/progress.mjs";
import { beside } from "../process/beside.mjs";
import { Interrupted, SetupError } from "../process/errors.mjs";
import { killGroup, runCommand } from "../process/run-command.mjs";
import { proven, versionsIn } from "../rootfs/versions.mjs";
import { tree } from "../setup/provision.mjs";
import { countErrorsOutside, countTests, nothing } from "./counts.mjs";
import { judgeNewest, tryNewest } from "./newest.mjs";
import { cacheFolder, readReport, reasonLength } from "./report.mjs";

/** @typedef {import("./counts.mjs").Counts} Counts */
/** @typedef {import("./report.mjs").Report} Report */

/**
 * @typedef {object} RunOptions
 * @property {AbortSignal} signal
 * @property {Readonly<Record<string, string>>} environment
 * @property {boolean} isExhaustive whether to run everything instead of a sample
 */

// Time for vitest to stop its workers after the request to end. Then they are killed.
const patienceMs = 10_000;
const canary = "checks/newest/canary.ts";

/**
 * Runs lanes, with the files of all in one queue, and the static lane beside them. Resolves to the results in the lanes' order, and to
 * the report of the files. Rejects only when interrupted.
 * @param {readonly string[]} names
 * @param {RunOptions} options
 * @returns {Promise<{ results: import("./counts.mjs").LaneResult[], report: Report | undefined }>}
 */
export function runTests(names, options) {
  const isStatic = names.includes("static");
  const check = (/** @type {AbortSignal} */ signal) => runStatic(isStatic ? staticChecks : [], signal);
  return beside(options.signal, check, async (checking) => {
    const parts = names.includes("newest") ? await tryParts(options) : [];
    const working = parts.filter(({ fault }) => fault === undefined).map(({ project }) => project);
    const projects = [...names.filter((name) => name !== "static" && name !== "newest"), ...working];
    const { report, outcome } = projects.length > 0 ? await runVitest(projects, options) : noRun;
    const ofStatic = isStatic ? await tellStatic(checking) : nothing;
    const countsOf = (/** @type {string} */ project) => countTests(project, report, options.isExhaustive);
    const results = names.map((name) => ({
      name,
      ...(name === "static" ? ofStatic : name === "newest" ? judgeNewest(parts, countsOf, say) : countsOf(name)),
    }));
    return { results: [...results, ...countErrorsOutside(outcome, projects.map(countsOf))], report };
  });
}

const noRun = { report: undefined, outcome: 0 };

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

/** @type {(options: RunOptions) => ReturnType<typeof tryNewest>} */
const tryParts = (options) =>
  tryNewest({
    installed: versionsIn(options.environment.ROOTFS_FORKY ?? ""),
    proven,
    canary: (project) => runCanary(project, options),
    say,
  });

/** @type {(project: string, options: RunOptions) => Promise<string | undefined>} */
async function runCanary(project, { signal, environment }) {
  try {
    await runCommand(environment.NODE24 ?? "", [canary, project], { signal, cwd: tree, env: environment });
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.message.replaceAll(/\s*\n\s*\|?\s*/g, " ").slice(0, reasonLength);
  }
}

const tsc = "node_modules/typescript/bin/tsc";
const staticChecks = [
  { title: "types (tsc)", args: [tsc] },
  {
    title: "types of the code in pages (tsc)",
    args: [tsc, "--project", "checks/page/in-page"],
  },
  { title: "format and lint (biome)", args: ["node_modules/@biomejs/biome/bin/biome", "check", "."] },
];

/**
 * Resolves to the counts, and to what the checks say about the faults that they found.
 * @typedef {{ counts: Counts, faults: readonly string[] }} StaticResult
 * @type {(checks: typeof staticChecks, signal: AbortSignal) => Promise<StaticResult>}
 */
async function runStatic(checks, signal) {
  const started = performance.now();
  /** @type {string[]} */
  const faults = [];
  /** @type {string[]} */
  const notes = [];
  const check = async (/** @type {typeof staticChecks[number]} */ { title, args }) => {
    try {
      await runCommand(process.execPath, args, { signal, cwd: tree, shownLines: Number.POSITIVE_INFINITY });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      faults.push(error.message);
      notes.push(`${title} found faults, shown above`);
    }
  };
  await Promise.all(checks.map(check));
  const failed = notes.length;
  return {
    counts: { ...nothing, passed: checks.length - failed, failed, seconds: secondsSince(started), notes },
    faults,
  };
}

/**
 * Waits for the static checks, and shows their faults: between the lines of the tests they would be lost.
 * @param {Promise<StaticResult>} checking
 */
async function tellStatic(checking) {
  const title = staticChecks.map((check) => check.title).join(", ");
  const { counts, faults } = await step(title, () => checking);
  for (const fault of faults) say(fault);
  return counts;
}

/** @param {number} started */
const secondsSince = (started) => (performance.now() - started) / 1000;

/**
 * Resolves to the report of the run (undefined if vitest died), and to vitest's exit code or the signal that ended it.
 * @type {(projects: readonly string[], options: RunOptions) => Promise<{ report: Report | undefined, outcome: number | string }>}
 */
async function runVitest(projects, { signal, environment, isExhaustive }) {
  const run = randomUUID();
  const leftOutFile = join(cacheFolder, `left-out-${run}`);
  mkdirSync(cacheFolder, { recursive: true });
  try {
    const variables = { LECTERN_ALL: isExhaustive ? "1" : "", LECTERN_LEFT_OUT: leftOutFile, LECTERN_RUN: run };
    const flags = projects.flatMap((project) => ["--project", project]);
    const outcome = await vitest(["run", ...flags], signal, { ...environment, ...variables });
    const report = readReport();
    return { report: report?.run === run ? report : undefined, outcome };
  } finally {
    rmSync(leftOutFile, { force: true });
  }
}

/** @type {(args: readonly string[], signal: AbortSignal, environment: Readonly<Record<string, string>>) => Promise<number | string>} */
async function vitest(args, signal, environment) {
  signal.throwIfAborted();
  const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", ...args], {
    cwd: tree,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
    // In its own session, vitest does not get the terminal's Ctrl-C. `stop` passes it on once.
    detached: true,
  });
  const stop = () => {
    child.kill(signal.reason instanceof Interrupted ? signal.reason.signal : "SIGTERM");
    setTimeout(() => killGroup(child.pid), patienceMs).unref();
  };
  signal.addEventListener("abort", stop, { once: true });
  const [code, endedBy] = await once(child, "exit");
  signal.removeEventListener("abort", stop);
  killGroup(child.pid);
  signal.throwIfAborted();
  return endedBy ?? code;
}
