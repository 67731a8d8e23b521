import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Interrupted } from "../process/errors.mjs";
import { killGroup } from "../process/run-command.mjs";
import { tree } from "../setup/provision.mjs";
import { cacheFolder, readReport, reportPath } from "./report.mjs";

// Time for vitest to stop its workers after the request to end. Then they are killed.
const patienceMs = 10_000;
const program = join(tree, "node_modules/vitest/vitest.mjs");

/**
 * How a run of vitest ended: its report (undefined if vitest died), and its exit code or the signal that ended it.
 * @typedef {{ report: import("./report.mjs").Report | undefined, outcome: number | string }} VitestRun
 */

/**
 * @typedef {object} VitestOptions
 * @property {AbortSignal} signal
 * @property {Readonly<Record<string, string>>} environment
 * @property {boolean} isExhaustive whether to run everything instead of a sample
 * @property {boolean} isCrowded whether several files run at the same time; then tests that need a quiet machine are put off
 * @property {readonly string[]} [files] paths in the folder; without them all files of the projects run
 * @property {string} [folder] where vitest.config.ts is; this checkout if absent
 * @property {string} [path] of the report
 */

/**
 * Runs projects of vitest.config.ts. Rejects only when interrupted.
 * @param {readonly string[]} projects
 * @param {VitestOptions} options
 * @returns {Promise<VitestRun>}
 */
export async function runVitest(projects, options) {
  const { signal, environment, isExhaustive, isCrowded, files = [], folder = tree, path = reportPath } = options;
  const run = randomUUID();
  const leftOutFile = join(cacheFolder, `left-out-${run}`);
  mkdirSync(cacheFolder, { recursive: true });
  try {
    const variables = {
      LECTERN_ALL: isExhaustive ? "1" : "",
      LECTERN_CROWDED: isCrowded ? "1" : "",
      LECTERN_LEFT_OUT: leftOutFile,
      LECTERN_RUN: run,
    };
    const flags = projects.flatMap((project) => ["--project", project]);
    const outcome = await vitest(["run", ...flags, ...files], folder, signal, { ...environment, ...variables });
    const report = readReport(path);
    return { report: report?.run === run ? report : undefined, outcome };
  } finally {
    rmSync(leftOutFile, { force: true });
  }
}

/** @type {(args: readonly string[], folder: string, signal: AbortSignal, environment: Readonly<Record<string, string>>) => Promise<number | string>} */
async function vitest(args, folder, signal, environment) {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
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
