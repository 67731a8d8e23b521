import { spawn } from "node:child_process";
import { once } from "node:events";
import { lecternCommand } from "./lectern-command.ts";

/** A Lectern command in a process of its own, as a person or a unit runs it. */
export interface LecternProcess {
  readonly pid: number;
  /** Both streams, so far. */
  output(): string;
  /** Kills it as the kernel does: the process cannot notice. */
  kill(): void;
  /** Resolves when it has ended and its output has been read; `code` is null if it was killed. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** Starts it. `env` is added to this process's environment. */
export function startLectern(args: readonly string[], env: NodeJS.ProcessEnv = {}): LecternProcess {
  const [program = "", ...words] = lecternCommand(...args);
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    kill: () => void child.kill("SIGKILL"),
    ended: once(child, "close").then(([code]) => ({ code: code as number | null, output })),
  };
}
