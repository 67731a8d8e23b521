import type { Command } from "commander";
import type { ExitCode } from "../lib/errors.ts";

/** One command: `configure` declares arguments, options and examples; `run` gets what commander parsed. */
export interface Verb<Options = Record<string, unknown>> {
  configure(command: Command): void;
  /** Resolves to the exit code. main.ts, the only exit, prints a `CliError` or `ConfigError` that is thrown. */
  run(args: readonly string[], options: Options): Promise<ExitCode>;
}

/** The help text's examples, one command line each. */
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
