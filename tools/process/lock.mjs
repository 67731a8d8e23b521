import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { SetupError } from "./errors.mjs";
import { killGroup } from "./run-command.mjs";

const saysSoAfterMs = 300;

/**
 * @typedef {object} LockOptions
 * @property {AbortSignal} signal ends the waiting
 * @property {(holder: string) => void} onWait called once when another process holds the lock; gets that process's id
 */

/**
 * Waits until no other process holds the lock, does the work, lets go.
 * The kernel frees the lock when its holder dies, however it dies: it belongs to a `flock` command
 * that ends with its standard input, a pipe from this process. So no lock is ever stale.
 * @template T
 * @param {string} file made if missing, never removed
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
      // From here on the work hears the signal itself, and the lock is held until it has cleaned up.
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
  throw new SetupError(`${file} could not be locked`, "check that its folder can be written");
}
