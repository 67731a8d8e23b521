import { mkdir, realpath, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { assetFolder } from "../../codegen/load/assets.ts";
import { loadFile } from "../../codegen/load/load-seed.ts";
import type { Assets } from "../../codegen/schema/asset.ts";
import { codeOf, fileFault } from "../error-cause.ts";
import { CliError, ExitCode } from "../errors.ts";
import { examples, type Verb } from "../verb.ts";
import { writeWhole } from "../whole-file.ts";

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
    const folder = assetFolder(output);
    if (assets.size > 0)
      await mkdir(folder).catch((error: unknown) => {
        if (codeOf(error) !== "EEXIST") throw error;
      });
    for (const [name, bytes] of assets) await write(join(folder, name), bytes);
    // Last: a seed never names files that are not there.
    await write(output, text);
  } catch (error) {
    throw new CliError(
      ExitCode.failed,
      `${output}: cannot be written (${fileFault(error)})`,
      "name a file in a folder that exists, with room on its disk",
    );
  }
}

/** Whole where it is a file, also behind a link; what else has the name, such as /dev/stdout, is written to. */
async function write(path: string, content: string | Uint8Array): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const found = await stat(place).catch(() => undefined);
  await (found && !found.isFile() ? writeFile(place, content) : writeWhole(place, content));
}
