import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { exitCodeOf, onEnding } from "./endings.mjs";

const leash = fileURLToPath(new URL("leash.mjs", import.meta.url));

/**
 * Runs a program in a Node of its own to its exit code, passing on every request to end. However this process ends,
 * killed included, the program gets a SIGTERM.
 * @param {string} program absolute path of a module
 * @param {readonly string[]} args
 * @param {{ environment?: Readonly<Record<string, string>>, nodeFlags?: readonly string[] }} [options] added to this process's own
 * @returns {Promise<number>}
 */
export async function supervise(program, args, { environment = {}, nodeFlags = [] } = {}) {
  const child = spawn(process.execPath, [...nodeFlags, leash, program, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    // A session of its own: the terminal's Ctrl-C comes here alone and is passed on once.
    detached: true,
  });
  const stopListening = onEnding((signal) => child.kill(signal));
  try {
    const [code, endedBy] = await once(child, "exit");
    return endedBy ? exitCodeOf(endedBy) : code;
  } finally {
    stopListening();
  }
}
