import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { SetupError } from "./errors.mjs";
import { killGroup } from "./run-command.mjs";

const saysSoAfterMs = 300;

/**
 * @typedef {object} LockOptions
 * @property {AbortSignal} signal ends the waiting
 * @property {(holder: string) => void} onWait called once with the id of the other process that holds the lock
 */

/**
 * Waits until no other process holds the lock, does the work, and releases the lock. No lock is ever stale: a `flock` command holds it
 * and ends with its standard input, a pipe from this process.
 * @template T
 * @param {string} file created if missing, never removed
 * @param {LockOptions} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { signal, onWait }, work) {
  signal.throwIfAborted();
  const holder = spawn("flock", [file, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const ended = once(holder, "close").catch((error) => {
    throw new SetupError(`flock: ${error.message}`, "install util-linux");
  });
  const giveUp = () => killGroup(holder.pid);
  signal.addEventListener("abort", giveUp, { once: true });
  const notice = setTimeout(() => onWait(readHolder(file)), saysSoAfterMs);
  try {
    await Promise.race([once(holder.stdout, "data"), ended.then(() => refuse(file, signal))]).finally(() => {
      clearTimeout(notice);
      // The work gets the signal itself. The lock is held until the work has cleaned up.
      signal.removeEventListener("abort", giveUp);
    });
    writeFileSync(file, `${process.pid}\n`);
    return await work();
  } finally {
    holder.stdin.end();
    await ended.catch(() => {});
  }
}

/** @param {string} file */
function readHolder(file) {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

/** @type {(file: string, signal: AbortSignal) => never} */
function refuse(file, signal) {
  signal.throwIfAborted();
  throw new SetupError(`${file} could not be locked`, "check that this user can write to its folder");
}
