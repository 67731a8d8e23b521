import { loadFile } from "../../codegen/load/load-seed.ts";
import { ExitCode } from "../lib/errors.ts";
import { seedText, writeSeed } from "../owncast/seed/write-seed.ts";
import { examples, type Verb } from "./verb.ts";

interface SeedOptions {
  readonly output?: string;
}

/** `lectern seed`: turns a stage file into its seed. */
export const verb: Verb<SeedOptions> = {
  configure(command) {
    command
      .argument("<file>", "a stage file (.yaml)")
      .option("--output <file>", "write the seed to this file instead of stdout, and its pictures beside it")
      .addHelpText("after", examples("lectern seed stages/main.yaml --output main.json"));
  },
  async run([file = ""], { output }) {
    const { seed, assets } = await loadFile(file);
    if (output !== undefined) await writeSeed(output, seed, assets);
    else {
      process.stdout.write(seedText(seed));
      if (assets.size > 0)
        process.stderr.write(
          `warning: the seed names ${[...assets.keys()].join(", ")}; give --output to write them too\n`,
        );
    }
    return ExitCode.done;
  },
};
