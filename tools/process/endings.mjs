import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { Interrupted } from "./errors.mjs";

/** @typedef {"SIGINT" | "SIGTERM" | "SIGHUP"} Ending */

/**
 * The list of src/lib/signals.ts, which the set-up cannot load.
 * @type {readonly Ending[]}
 */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"];
// At a terminal, Ctrl-C comes twice: from the terminal, and passed on by npm.
const sameEndingMs = 500;
const npmPollMs = 1000;

/**
 * Calls the listener once for each time this process is asked to end: by INT, TERM or HUP,
 * or, as SIGTERM, because the npm that started it is gone (killed by a signal it could not pass on).
 * @param {(signal: Ending) => void} listener
 * @returns {() => void} stops listening
 */
export function onEnding(listener) {
  let last = Number.NEGATIVE_INFINITY;
  const hear = (/** @type {Ending} */ signal) => {
    const now = performance.now();
    if (now - last < sameEndingMs) return;
    last = now;
    listener(signal);
  };
  for (const signal of endingSignals) process.on(signal, hear);
  const stopWatching = whenNpmIsGone(() => hear("SIGTERM"));
  return () => {
    for (const signal of endingSignals) process.off(signal, hear);
    stopWatching();
  };
}

/**
 * Calls the listener when the npm that started this process is gone, if npm did.
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

/** The processes up to npm: it starts a shell, which some shells replace with this process and others do not. */
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
 * Runs work that stops when this process is asked to end: its signal then aborts with an Interrupted.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function interruptible(work) {
  const controller = new AbortController();
  const stopListening = onEnding((signal) => controller.abort(new Interrupted(signal)));
  try {
    return await work(controller.signal);
  } finally {
    stopListening();
  }
}

/**
 * What a shell reports for a process that a signal ended.
 * @param {NodeJS.Signals} signal
 */
export const exitCodeOf = (signal) => 128 + constants.signals[signal];
