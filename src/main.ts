import { setFlagsFromString } from "node:v8";
import { CommanderError } from "commander";
import { ConfigError } from "../codegen/load/problem.ts";
import { CliError, ExitCode } from "./lib/errors.ts";
import { sayRequests } from "./lib/requests.ts";
import { parseCommandLine } from "./program.ts";

// Node reads HTTP and strips types with WebAssembly. Optimising that code takes 20 MB and processor time, and a command uses
// it for a second.
for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);

async function main(argv: readonly string[]): Promise<ExitCode> {
  const parsed = await parseCommandLine(argv);
  if (!parsed) return ExitCode.done;
  if (parsed.options.verbose) sayRequests();
  return parsed.verb.run(parsed.args, parsed.options);
}

/** Prints a command's error and returns the exit code. Shows a stack only for faults of Lectern itself. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    return ExitCode.badInput;
  }
  if (error instanceof CliError) {
    process.stderr.write(`lectern: ${error.message}\n${error.remedy ? `  → ${error.remedy}\n` : ""}`);
    return error.exitCode;
  }
  process.stderr.write(
    `lectern: this is a fault of lectern itself, please report it:\n${(error as Error)?.stack ?? error}\n`,
  );
  return ExitCode.failed;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
