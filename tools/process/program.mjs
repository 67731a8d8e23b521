import { exitCodeOf } from "./endings.mjs";
import { Interrupted, SetupError } from "./errors.mjs";

// The first version whose `util.styleText` honours NO_COLOR, FORCE_COLOR and terminals.
const oldestNode = "20.18.0";

/**
 * Runs a program, sets the exit code, and prints errors for a person. First it refuses a Node that is too old.
 * @param {() => Promise<number>} program
 */
export async function runProgram(program) {
  try {
    if (oldestNode.localeCompare(process.versions.node, "en", { numeric: true }) > 0)
      throw new SetupError(`this is Node ${process.versions.node}`, `install Node ${oldestNode} or later`);
    process.exitCode = await program();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** @param {unknown} error */
function report(error) {
  if (error instanceof Interrupted) {
    process.stderr.write("stopped\n");
    return exitCodeOf(error.signal);
  }
  if (error instanceof SetupError) {
    process.stderr.write(`${error.message}\n${error.remedy ? `  → ${error.remedy}\n` : ""}`);
    return error.exitCode;
  }
  process.stderr.write(
    `this is a fault of lectern itself, please report it:\n${error instanceof Error ? error.stack : error}\n`,
  );
  return 1;
}
