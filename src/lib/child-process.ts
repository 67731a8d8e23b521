import { type ChildProcess, type ChildProcessByStdio, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { reasonOf } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";

/** A program with a pipe to each of its standard streams. */
export type PipedProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a program and resolves once it runs: before that, its pipes may not exist. Rejects with the system's reason if the
 * program cannot be started. Node throws some of these reasons, and reports the others by an event. `morePipes` are file descriptors
 * from 3 on.
 */
export async function startPiped(
  program: string,
  args: readonly string[],
  { morePipes = 0, ...options }: Omit<SpawnOptions, "stdio"> & { readonly morePipes?: number } = {},
): Promise<PipedProcess> {
  const more = Array.from({ length: morePipes }, () => "pipe" as const);
  const child = spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe", ...more] }) as PipedProcess;
  await once(child, "spawn");
  return child;
}

/** Runs a program on this process's terminal. Resolves to whether its exit code is 0. Throws CliError 1 if it cannot be started. */
export async function runCommand(program: string, args: readonly string[]): Promise<boolean> {
  const end = async () => once(spawn(program, args, { stdio: "inherit" }), "exit");
  const [code] = (await end().catch((error: unknown) => {
    throw new CliError(ExitCode.failed, `${program} cannot be started: ${reasonOf(error)}`);
  })) as [number | null];
  return code === 0;
}

const patienceMs = 3000;

/** Sends SIGTERM, and SIGKILL after 3 s; resolves when the process is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  const patience = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(patience);
}
