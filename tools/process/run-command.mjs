import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { SetupError } from "./errors.mjs";

const lastLines = 15;
const patienceMs = 3000;

/**
 * @typedef {object} RunOptions
 * @property {AbortSignal} signal ends the command and everything it started
 * @property {string} [cwd]
 * @property {Readonly<Record<string, string | undefined>>} [env] added to this process's variables
 * @property {(line: string) => void} [onLine] called for each line of output
 * @property {boolean} [finishesItself] on abort the command alone gets SIGINT, and has all the time that it takes (apt-get)
 * @property {number} [shownLines] how many of the last lines an error shows
 * @property {string} [remedy] what a person can do if the command fails
 */

/**
 * Runs a command without input and resolves to its output. Rejects with SetupError and the last lines if it fails or cannot start.
 * On abort, rejects with the signal's reason when no process of the command is left.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<string>}
 */
export async function runCommand(command, args, options) {
  const { signal, cwd, env, onLine, finishesItself = false } = options;
  signal.throwIfAborted();
  // In its own process group it does not get the terminal's Ctrl-C. Only `stop` ends it.
  const child = spawn(command, args, {
    ...(cwd ? { cwd } : {}),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  /** @type {string[]} */
  const lines = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      onLine?.(line);
    });
  const stop = () => {
    if (finishesItself) return child.kill("SIGINT");
    // The command can clean up after its children before it is killed.
    killGroup(child.pid, "SIGINT");
    return setTimeout(() => killGroup(child.pid), patienceMs).unref();
  };
  signal.addEventListener("abort", stop, { once: true });
  child.once("exit", () => signal.aborted && killGroup(child.pid));
  try {
    const [code, endedBy] = await once(child, "close");
    signal.throwIfAborted();
    if (code === 0) return lines.join("\n");
    throw failure(
      `${[command, ...args].join(" ")}: ${endedBy ? `ended by ${endedBy}` : `exit code ${code}`}`,
      lines,
      options,
    );
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw failure(`${command}: ${error.message}`, lines, options);
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** @type {(what: string, lines: readonly string[], options: RunOptions) => SetupError} */
function failure(what, lines, { remedy, shownLines = lastLines }) {
  const last = lines.slice(-shownLines).map((line) => `  | ${line}`);
  return new SetupError([what, ...last].join("\n"), remedy);
}

/**
 * Sends a signal to a process group, which may have ended already.
 * @param {number | undefined} leader
 * @param {NodeJS.Signals} signal
 */
export function killGroup(leader, signal = "SIGKILL") {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}
