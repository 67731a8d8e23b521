import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { onEndings } from "../../src/lib/ending-signals.mjs";
import { Interrupted } from "./errors.mjs";

const npmPollMs = 1000;

/**
 * Calls the listener when the npm that started this process is gone. A killed npm passes no signal on.
 * @param {() => void} listener
 * @returns {() => void} stops watching
 */
export function whenNpmIsGone(listener) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const line = lineToNpm();
  const poll = setInterval(() => {
    if (isDeepStrictEqual(lineToNpm(), line)) return;
    clearInterval(poll);
    listener();
  }, npmPollMs);
  poll.unref();
  return () => clearInterval(poll);
}

/** The ids of the processes up to npm. npm starts a shell. Some shells become this process, others are its parent. */
function lineToNpm() {
  const grandparent = parentOf(process.ppid);
  return isNpm(process.ppid) || !isNpm(grandparent) ? [process.ppid] : [process.ppid, grandparent];
}

/** @param {number} pid */
const isNpm = (pid) => readProc(pid, "comm").startsWith("npm");

/** @param {number} pid */
const parentOf = (pid) => Number(/^PPid:\s*(\d+)$/m.exec(readProc(pid, "status"))?.[1] ?? 0);

/** @type {(pid: number, file: string) => string} */
function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/**
 * Runs work with a signal. The signal aborts with an Interrupted when this process is asked to end, or when its npm is gone.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function interruptible(work) {
  const controller = new AbortController();
  const { hear, stop } = onEndings((signal) => controller.abort(new Interrupted(signal)));
  const stopWatching = whenNpmIsGone(() => hear("SIGTERM"));
  try {
    return await work(controller.signal);
  } finally {
    stop();
    stopWatching();
  }
}

/**
 * What a shell reports for a process that a signal ended.
 * @param {NodeJS.Signals} signal
 */
export const exitCodeOf = (signal) => 128 + constants.signals[signal];
