import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFile } from "../../../codegen/load/load-seed.ts";
import { ConfigError } from "../../../codegen/load/problem.ts";

/**
 * For tests: writes a file, loads it, and returns what that complains about, line by line, the folder's name cut off;
 * nothing when the file is good. Anything thrown that is not for the file's writer is thrown on.
 */
export async function faultsOf(content: string | Uint8Array, name = "main.yaml"): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "lectern-load-"));
  try {
    const file = join(folder, name);
    await writeFile(file, content);
    await loadFile(file);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").map((line) => line.replaceAll(`${folder}/`, ""));
  } finally {
    await rm(folder, { recursive: true });
  }
}
