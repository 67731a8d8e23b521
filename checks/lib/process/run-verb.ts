import { Command } from "commander";
import { vi } from "vitest";
import type { Verb } from "../../../src/commands/verb.ts";
import { CliError, ExitCode } from "../../../src/lib/errors.ts";

/** What a command printed, and what it exits with. */
export interface VerbOutcome {
  readonly code: ExitCode;
  readonly stdout: string;
  /** Its progress and warnings, and the error's message. */
  readonly stderr: string;
}

/** Runs a command in this process, its options parsed as on the command line: where a test runs one a hundred times. */
// biome-ignore lint/suspicious/noExplicitAny: each verb types its own options
export async function runVerb(verb: Verb<any>, args: readonly string[]): Promise<VerbOutcome> {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      said[name] += text;
      return true;
    }),
  );
  let code: ExitCode = ExitCode.failed;
  const command = new Command().exitOverride();
  verb.configure(command);
  command.action(async () => {
    code = await verb.run(command.args, command.opts());
  });
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    code = error.exitCode;
    said.stderr += error.message;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return { code, ...said };
}
