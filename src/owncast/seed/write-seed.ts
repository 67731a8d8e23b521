import { mkdir, realpath, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { assetFolder } from "../../../codegen/load/assets.ts";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { SeedValue } from "../../../codegen/schema/stage/stage.ts";
import { codeOf, fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { writeWhole } from "../../lib/whole-file.ts";

/** The text of a seed's file. */
export const seedText = (seed: SeedValue): string => `${JSON.stringify(seed, null, 2)}\n`;

/**
 * Writes a seed, and the files that it names into a folder beside it. Throws CliError: 64 if it names files and `output` has
 * not the extension `.json`, 1 if something cannot be written.
 */
export async function writeSeed(output: string, seed: SeedValue, assets: Assets): Promise<void> {
  // Lectern reads only a .json file as a seed, and names the folder of its files after it.
  if (assets.size > 0 && extname(output) !== ".json")
    throw new CliError(ExitCode.usage, `--output ${output}: expected a name with the extension .json`);
  try {
    const folder = assetFolder(output);
    if (assets.size > 0)
      await mkdir(folder).catch((error: unknown) => {
        if (codeOf(error) !== "EEXIST") throw error;
      });
    for (const [name, bytes] of assets) await write(join(folder, name), bytes);
    // Last, so that a seed never names missing files.
    await write(output, seedText(seed));
  } catch (error) {
    throw new CliError(
      ExitCode.failed,
      `${output}: cannot be written (${fileFault(error)})`,
      "name a file in a folder that exists, with room on its disk",
    );
  }
}

/** Replaces a file whole, even behind a link. Writes into anything else of that name, such as /dev/stdout. */
async function write(path: string, content: string | Uint8Array): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const found = await stat(place).catch(() => undefined);
  await (found && !found.isFile() ? writeFile(place, content) : writeWhole(place, content));
}
