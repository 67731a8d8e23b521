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
 * @property {Readonly<Record<string, string | undefined>>} [env] added to this process's own
 * @property {(line: string) => void} [onLine] every line it writes
 * @property {boolean} [finishesItself] asked to end, it may take its time to leave things whole (apt-get)
 * @property {number} [shownLines] how many of its last lines an error shows
 * @property {string} [remedy] what a person does when it fails
 */

/**
 * Runs a command without input to its end and resolves to all that it wrote.
 * Rejects with SetupError, holding the last lines, when it fails or cannot be started;
 * with the signal's reason when that aborts, once no process of the command is left.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<string>}
 */
export async function runCommand(command, args, options) {
  const { signal, cwd, env, onLine, finishesItself = false } = options;
  signal.throwIfAborted();
  // A process group of its own: the terminal's Ctrl-C does not reach it, so it ends when and how this function says.
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
    // Asked first, so that it can clear up after its own children; then made to.
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
 * Ends a whole process group that may be gone already.
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
