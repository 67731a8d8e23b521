import { type ChildProcessByStdio, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

/** A program with a pipe to each of its standard streams. */
export type PipedProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a program, and resolves once it runs: only then are its pipes there. Rejects with the system's reason if it cannot be
 * started; Node throws some of these reasons, and tells others by an event on a child that has no pipes.
 */
export async function startPiped(
  program: string,
  args: readonly string[],
  options: Omit<SpawnOptions, "stdio"> = {},
): Promise<PipedProcess> {
  const child = spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  await once(child, "spawn");
  return child;
}
