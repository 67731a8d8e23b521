import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { writePrivateFile } from "../lib/private-file.ts";
import { examples, type Verb } from "./verb.ts";

interface GateKeysOptions {
  readonly from: string;
  readonly to: string;
}

/** `lectern gate-keys`: hands a running gate its stream keys. */
export const verb: Verb<GateKeysOptions> = {
  configure(command) {
    command
      .requiredOption(
        "--from <folder>",
        "the folder with the stream keys, one file each; in a systemd unit %d, the unit's credentials",
      )
      .requiredOption(
        "--to <folder>",
        "the gate's folder of keys, `lectern gate --secrets`; other files in it are removed",
      )
      .addHelpText(
        "after",
        `\nThe gate reads its keys at each publish: new keys work at once, and a running stream goes on.\n${examples(
          "lectern gate-keys --from ./secrets --to /run/lectern/main-gate-keys",
        )}`,
      );
  },
  async run(_, { from, to }) {
    await copySecrets(from, to).catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      throw new CliError(
        ExitCode.failed,
        `${error.path ?? to}: ${error.code}; the gate keeps its old keys`,
        "--from takes a folder that this user may read, --to one that it may write",
      );
    });
    return ExitCode.done;
  },
};

/**
 * Makes a folder hold the same secrets as another, and nothing else. Replaces each file whole, mode 0600: a reader always
 * finds the old secret or the new one. Resolves to their names. Rejects with the system's error. If the folder holds
 * entries that are not files, it is not a folder of secrets: then nothing is written.
 */
export async function copySecrets(from: string, to: string): Promise<string[]> {
  const names = (await readdir(from)).sort();
  await ensureOnlyFiles(to);
  for (const name of names) await writePrivateFile(join(to, name), await readFile(join(from, name)));
  const left = (await readdir(to)).filter((name) => !names.includes(name));
  for (const name of left) await rm(join(to, name));
  return names;
}

async function ensureOnlyFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
  const other = entries.find((entry) => !entry.isFile());
  if (other)
    throw Object.assign(new Error(), {
      path: join(folder, other.name),
      code: "expected a folder that holds only secrets",
    });
}
