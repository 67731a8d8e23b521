import { step } from "../../src/lib/progress.mjs";
import { beside } from "../process/beside.mjs";
import { SetupError } from "../process/errors.mjs";
import { runCommand } from "../process/run-command.mjs";
import { proven, versionsIn } from "../rootfs/versions.mjs";
import { tree } from "../setup/provision.mjs";
import { runAlone } from "./alone.mjs";
import { countErrorsOutside, countTests, nothing } from "./counts.mjs";
import { judgeNewest, tryNewest } from "./newest.mjs";
import { reasonLength, writeReport } from "./report.mjs";
import { runVitest } from "./run-vitest.mjs";

/** @typedef {import("./counts.mjs").Counts} Counts */
/** @typedef {import("./report.mjs").Report} Report */

/**
 * @typedef {object} RunOptions
 * @property {AbortSignal} signal
 * @property {Readonly<Record<string, string>>} environment
 * @property {boolean} isExhaustive whether to run everything instead of a sample
 */

const canary = "checks/newest/canary.ts";

/**
 * Runs lanes, with the files of all in one queue, and the static lane beside them. Then runs some files by themselves (`runAlone`).
 * Resolves to the results in the lanes' order, and to the report of the files. Rejects only when interrupted.
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
    const first = projects.length > 0 ? await runVitest(projects, { ...options, isCrowded: true }) : noRun;
    const ofStatic = isStatic ? await tellStatic(checking) : nothing;
    const report = first.report && (await runAlone(first.report, options.isExhaustive, meansAlone(options)));
    const countsOf = (/** @type {string} */ project) => countTests(project, report, options.isExhaustive);
    const hasFailed = projects.some((project) => countTests(project, first.report, options.isExhaustive).failed > 0);
    const isExplained = hasFailed || (first.report?.errors ?? []).length > 0;
    const outside = countErrorsOutside(report?.errors ?? [], first.outcome, isExplained);
    const results = names.map((name) => ({
      name,
      ...(name === "static" ? ofStatic : name === "newest" ? judgeNewest(parts, countsOf, say) : countsOf(name)),
    }));
    return { results: [...results, ...outside], report };
  });
}

/** @type {import("./run-vitest.mjs").VitestRun} */
const noRun = { report: undefined, outcome: 0 };

/** @type {(options: RunOptions) => import("./alone.mjs").AloneMeans} */
const meansAlone = (options) => ({
  run: ({ project, file }) => runVitest([project], { ...options, isCrowded: false, files: [file] }),
  keep: writeReport,
  say,
});

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
