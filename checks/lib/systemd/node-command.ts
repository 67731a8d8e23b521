import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** The result of a command. */
export interface Answer {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Rejects if the command cannot start. */
export async function answerOf([program = "", ...args]: readonly string[]): Promise<Answer> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve(exitCode ?? signal ?? "?"));
  });
  return { code, ...said };
}

const patienceSeconds = 120;

/**
 * Asks again and again until there is a value, and resolves to it. Rejects after two minutes, and names what did not happen.
 * @param pauseMs time between two looks; longer if a look is expensive
 */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, pauseMs = 100): Promise<T> {
  const end = performance.now() + patienceSeconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${patienceSeconds} s in vain until ${what}`);
    await sleep(pauseMs);
  }
}
