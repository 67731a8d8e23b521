import { loadFile } from "../../codegen/load/load-seed.ts";
import { ConfigError, type Problem } from "../../codegen/load/problem.ts";
import { ExitCode } from "../lib/errors.ts";
import { warningsOf } from "../owncast/seed/warnings.ts";
import { examples, type Verb } from "./verb.ts";

interface CheckOptions {
  readonly json?: true;
}

/** `lectern check`: names every fault of stage files and seeds. */
export const verb: Verb<CheckOptions> = {
  configure(command) {
    command
      .argument("<file...>", "stage files (.yaml) or seeds (.json)")
      .option("--json", "print the problems as JSON")
      .addHelpText(
        "after",
        examples("lectern check hosts/live/stages/main.yaml", "lectern check hosts/*/stages/*.yaml --json"),
      );
  },
  async run(files, { json }) {
    const problems: Problem[] = [];
    for (const file of files) {
      try {
        const { seed } = await loadFile(file);
        for (const warning of warningsOf(seed)) process.stderr.write(`${file}: warning: ${warning}\n`);
        if (!json) process.stdout.write(`${file}: ok\n`);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        problems.push(...error.problems);
      }
    }
    if (json) process.stdout.write(`${JSON.stringify({ problems }, null, 2)}\n`);
    else if (problems.length > 0) throw new ConfigError(problems);
    return problems.length > 0 ? ExitCode.badInput : ExitCode.done;
  },
};
