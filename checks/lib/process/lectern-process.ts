import { spawn } from "node:child_process";
import { once } from "node:events";

/** A command of Lectern's in a process of its own, as a person or a unit runs it. */
export interface LecternProcess {
  readonly pid: number;
  /** Both streams, so far. */
  output(): string;
  /** Ends it as the kernel would: it gets to know nothing. */
  kill(): void;
  /** Resolves when it has ended and all was read; `code` is null for a killed one. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** Starts it. `env` is added to this process's environment. */
export function startLectern(args: readonly string[], env: NodeJS.ProcessEnv = {}): LecternProcess {
  const child = spawn(process.execPath, ["--import", "tsx", "src/main.ts", ...args], {
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
