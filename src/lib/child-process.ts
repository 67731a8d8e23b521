import { spawn } from "node:child_process";
import { once } from "node:events";
import { reasonOf } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";

/** Runs a program on this process's terminal. Resolves to whether it ended well. Throws CliError 1 if it cannot be started. */
export async function runCommand(program: string, args: readonly string[]): Promise<boolean> {
  // Node tells some errors by an event, and throws the others.
  const end = async () => once(spawn(program, args, { stdio: "inherit" }), "exit");
  const [code] = (await end().catch((error: unknown) => {
    throw new CliError(ExitCode.failed, `${program} cannot be started: ${reasonOf(error)}`);
  })) as [number | null];
  return code === 0;
}
