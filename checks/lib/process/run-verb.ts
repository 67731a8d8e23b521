import { Command, CommanderError } from "commander";
import { vi } from "vitest";
import { ConfigError } from "../../../codegen/load/problem.ts";
import type { Verb } from "../../../src/commands/verb.ts";
import { CliError, ExitCode } from "../../../src/lib/errors.ts";
import { parseCommandLine } from "../../../src/program.ts";

/** What a command printed, and its exit code. */
export interface VerbOutcome {
  readonly code: ExitCode;
  readonly stdout: string;
  /** Its progress and warnings; then the error's message, from `runLectern` with the remedy. */
  readonly stderr: string;
}

/**
 * Runs `lectern` with these arguments in the test's process. A separate process takes a second longer.
 * `onText` gets its output at once.
 */
export async function runLectern(
  words: readonly string[],
  onText: (text: string) => void = () => {},
): Promise<VerbOutcome> {
  return captured(async () => {
    const parsed = await parseCommandLine(words);
    const run = async () => (parsed ? parsed.verb.run(parsed.args, parsed.options) : ExitCode.done);
    return run().catch((error: unknown) => {
      if (error instanceof CliError && error.remedy) error.message += `\n  → ${error.remedy}\n`;
      throw error;
    });
  }, onText);
}

/** Runs one command in the test's process. It parses its options like the command line's. */
// biome-ignore lint/suspicious/noExplicitAny: each verb types its own options
export async function runVerb(verb: Verb<any>, args: readonly string[]): Promise<VerbOutcome> {
  return captured(async () => {
    let code: ExitCode = ExitCode.failed;
    const command = new Command().exitOverride();
    verb.configure(command);
    command.action(async () => {
      code = await verb.run(command.args, command.opts());
    });
    await command.parseAsync(args, { from: "user" });
    return code;
  });
}

let earlier: Promise<unknown> = Promise.resolve();

/** One command at a time, for all write to the same streams. */
function captured(run: () => Promise<ExitCode>, onText?: (text: string) => void): Promise<VerbOutcome> {
  const outcome = earlier.then(() => capturedNow(run, onText));
  earlier = outcome.catch(() => {});
  return outcome;
}

async function capturedNow(
  run: () => Promise<ExitCode>,
  onText: (text: string) => void = () => {},
): Promise<VerbOutcome> {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      said[name] += text;
      onText(String(text));
      return true;
    }),
  );
  let code: ExitCode = ExitCode.failed;
  try {
    code = await run();
  } catch (error) {
    code = exitCodeOf(error);
    said.stderr += (error as Error).message;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return { code, ...said };
}

/** Prints an error like main.ts. Throws errors that are Lectern's own fault. */
function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof ConfigError) return ExitCode.badInput;
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  throw error;
}
