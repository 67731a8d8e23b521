import { mkdir, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { assetFolder } from "../../codegen/load/assets.ts";
import { loadFile } from "../../codegen/load/load-seed.ts";
import type { Assets } from "../../codegen/schema/asset.ts";
import { CliError, ExitCode } from "../errors.ts";
import { examples, type Verb } from "../verb.ts";

interface SeedOptions {
  readonly output?: string;
}

export const verb: Verb<SeedOptions> = {
  configure(command) {
    command
      .argument("<file>", "a stage file (.yaml)")
      .option("--output <file>", "write the seed there instead of printing it, and the files that it names beside it")
      .addHelpText("after", examples("lectern seed stages/main.yaml --output main.json"));
  },
  async run([file = ""], { output }) {
    const { seed, assets } = await loadFile(file);
    const text = `${JSON.stringify(seed, null, 2)}\n`;
    if (output !== undefined) await writeSeed(output, text, assets);
    else {
      process.stdout.write(text);
      if (assets.size > 0)
        process.stderr.write(
          `warning: the seed names ${[...assets.keys()].join(", ")}; --output writes them beside it\n`,
        );
    }
    return ExitCode.done;
  },
};

/** The seed, and in a folder beside it the files that it names. */
async function writeSeed(output: string, text: string, assets: Assets): Promise<void> {
  // By another name it would not be read as a seed again, and its files' folder could not have its name.
  if (assets.size > 0 && extname(output) !== ".json")
    throw new CliError(ExitCode.usage, `--output ${output}: expected a name that ends in .json`);
  try {
    await writeFile(output, text);
    const folder = assetFolder(output);
    if (assets.size > 0) await mkdir(folder, { recursive: true });
    for (const [name, bytes] of assets) await writeFile(join(folder, name), bytes);
  } catch (error) {
    const { code, path = output } = error as NodeJS.ErrnoException;
    throw new CliError(ExitCode.failed, `${path}: cannot be written (${code})`, "name a file in a folder that exists");
  }
}
