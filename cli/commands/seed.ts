import { writeFile } from "node:fs/promises";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { CliError, ExitCode } from "../errors.ts";
import { examples, type Verb } from "../verb.ts";

interface SeedOptions {
  readonly output?: string;
}

export const verb: Verb<SeedOptions> = {
  configure(command) {
    command
      .argument("<file>", "a stage file (.yaml)")
      .option("--output <file>", "write the seed there instead of printing it")
      .addHelpText("after", examples("lectern seed stages/main.yaml --output main.json"));
  },
  async run([file = ""], { output }) {
    const text = `${JSON.stringify(await loadSeed(file), null, 2)}\n`;
    if (output === undefined) process.stdout.write(text);
    else
      await writeFile(output, text).catch((error: NodeJS.ErrnoException) => {
        throw new CliError(
          ExitCode.failed,
          `${output}: cannot be written (${error.code})`,
          "name a file in a folder that exists",
        );
      });
    return ExitCode.done;
  },
};
