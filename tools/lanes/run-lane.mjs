import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { step } from "../../src/lib/progress.mjs";
import { Interrupted, SetupError } from "../process/errors.mjs";
import { killGroup, runCommand } from "../process/run-command.mjs";
import { proven, versionsIn } from "../rootfs/versions.mjs";
import { tree } from "../setup/provision.mjs";
import { runNewest } from "./newest.mjs";

/**
 * What came of a lane. `notes` say what the numbers do not: why it was skipped and how to enable it, why it failed.
 * @typedef {object} LaneResult
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} seconds
 * @property {readonly string[]} notes
 */

/** @typedef {Pick<LaneResult, "passed" | "failed" | "skipped" | "notes">} Counts */

/** @typedef {{ signal: AbortSignal, environment: Readonly<Record<string, string>> }} LaneOptions */

// Asked to end, vitest stops its workers; then nobody asks any more.
const patienceMs = 10_000;
// Enough for a property test's seed and counterexample.
const reasonLength = 600;
const canary = "checks/newest/canary.ts";

/**
 * Runs one lane. Rejects only when it is interrupted.
 * @param {string} name
 * @param {LaneOptions} options
 * @returns {Promise<LaneResult>}
 */
export async function runLane(name, options) {
  const started = performance.now();
  const counts = await countsOf(name, options);
  return { name, ...counts, seconds: (performance.now() - started) / 1000 };
}

/** @type {(name: string, options: LaneOptions) => Promise<Counts>} */
function countsOf(name, options) {
  if (name === "static") return runStatic(options);
  if (name === "newest") return runNewestLane(options);
  return runVitest(name, options);
}

/** @type {(options: LaneOptions) => Promise<Counts>} */
const runNewestLane = (options) =>
  runNewest({
    installed: versionsIn(options.environment.ROOTFS_FORKY ?? ""),
    proven,
    canary: (project) => runCanary(project, options),
    run: (project) => runVitest(project, options),
    say: (line) => process.stderr.write(`${line}\n`),
  });

/** @type {(project: string, options: LaneOptions) => Promise<string | undefined>} */
async function runCanary(project, { signal, environment }) {
  try {
    await runCommand(environment.NODE24 ?? "", [canary, project], { signal, cwd: tree, env: environment });
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.message.replaceAll(/\s*\n\s*\|?\s*/g, " ").slice(0, reasonLength);
  }
}

const staticChecks = [
  { title: "types (tsc)", args: ["node_modules/typescript/bin/tsc"] },
  {
    title: "types of what runs in pages (tsc)",
    args: ["node_modules/typescript/bin/tsc", "--project", "checks/page/in-page"],
  },
  { title: "format and lint (biome)", args: ["node_modules/@biomejs/biome/bin/biome", "check", "."] },
];

/** @type {(options: { signal: AbortSignal }) => Promise<Counts>} */
async function runStatic({ signal }) {
  /** @type {string[]} */
  const notes = [];
  for (const { title, args } of staticChecks) {
    try {
      await step(title, () =>
        runCommand(process.execPath, args, { signal, cwd: tree, shownLines: Number.POSITIVE_INFINITY }),
      );
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      process.stderr.write(`${error.message}\n`);
      notes.push(`${title} found faults, shown above`);
    }
  }
  return { passed: staticChecks.length - notes.length, failed: notes.length, skipped: 0, notes };
}

/** @type {(name: string, options: LaneOptions) => Promise<Counts>} */
async function runVitest(name, { signal, environment }) {
  const folder = mkdtempSync(join(tmpdir(), "lectern-test-"));
  const report = join(folder, "report.json");
  try {
    const outcome = await vitest(
      name,
      ["run", "--project", name, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      signal,
      environment,
    );
    return countTests(readReport(report), outcome);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// What else runs on this machine is not to be met: these lanes open ports and expect others to be nobody's.
// Not the browser's: Chromium calls a machine with loopback alone offline, and Owncast's page loads anew whenever it is online again.
const onLoopbackAlone = ["unit", "e2e", "newest-caddy"];
// They make network namespaces themselves, which takes root: anybody else is it inside a user namespace.
const asRoot = ["e2e", "newest-caddy", "browser"];

/**
 * What a lane is run by: a network of its own, if the system lets this user make one.
 * @param {string} name
 * @param {{ isRoot: boolean, succeeds: (command: readonly string[]) => boolean }} machine
 * @returns {readonly string[]}
 */
export function laneRunner(name, { isRoot, succeeds }) {
  const user = isRoot ? [] : ["--user", "--map-root-user"];
  const withNetwork = ["unshare", ...user, "--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  // A lane that does not need root is run without.
  const mayHaveNetwork = onLoopbackAlone.includes(name) && (isRoot || asRoot.includes(name));
  if (mayHaveNetwork && succeeds([...withNetwork, "true"])) return withNetwork;
  return asRoot.includes(name) && !isRoot ? ["unshare", ...user, "--"] : [];
}

const thisMachine = {
  isRoot: process.getuid?.() === 0,
  /** @param {readonly string[]} command */
  succeeds: ([program = "", ...args]) => spawnSync(program, args).status === 0,
};

/** @type {(name: string, args: readonly string[], signal: AbortSignal, environment: Readonly<Record<string, string>>) => Promise<number | string>} */
async function vitest(name, args, signal, environment) {
  signal.throwIfAborted();
  const [program = "", ...flags] = [
    ...laneRunner(name, thisMachine),
    process.execPath,
    "node_modules/vitest/vitest.mjs",
  ];
  const child = spawn(program, [...flags, ...args], {
    cwd: tree,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
    // A session of its own: the terminal's Ctrl-C comes here alone and is passed on once.
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

/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: readonly { name: string, status: string, message?: string, assertionResults: readonly VitestTest[] }[] }} VitestReport */

/** @typedef {{ status: string, fullName?: string, failureMessages?: readonly string[] }} VitestTest */

/** @type {(file: string) => VitestReport | undefined} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * A failed test in one line: a log that is cut keeps its end, where this stands.
 * @param {string} file
 * @param {VitestTest} test
 */
function failureNote(file, { fullName = "", failureMessages = [] }) {
  const [message = ""] = failureMessages;
  const reason = stripVTControlCharacters(message)
    .split(/\n\s+at /)[0]
    ?.replaceAll(/\s+/g, " ")
    .slice(0, reasonLength);
  return `${relative(tree, file)}: ${fullName}${reason && ` (${reason})`}`;
}

/**
 * The counts of a run of vitest. Whatever it does not report as a failed test, and yet is none passed, counts as one failed:
 * a file that cannot be loaded, an error outside the tests, a run that died, a lane without tests.
 * @param {VitestReport | undefined} report
 * @param {number | string} outcome the exit code, or the signal that ended it
 * @returns {Counts}
 */
export function countTests(report, outcome) {
  const how = typeof outcome === "string" ? `was ended by ${outcome}` : `ended with exit code ${outcome}`;
  if (!report) return { passed: 0, failed: 1, skipped: 0, notes: [`vitest ${how} without a report`] };
  if (report.testResults.length === 0) return { passed: 0, failed: 1, skipped: 0, notes: ["it has no test file"] };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const notes = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status }) => status === "failed").map((test) => failureNote(name, test)),
  );
  notes.push(...broken.map(({ name }) => `${relative(tree, name)} could not be run`));
  if (outcome === 0 || counts.failed > 0) return { ...counts, notes };
  return { ...counts, failed: 1, notes: [`vitest ${how}, although no test failed: see its errors above`] };
}
