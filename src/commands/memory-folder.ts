import { mkdir, readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { runCommand } from "../lib/child-process.ts";
import { fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readWhole } from "../lib/option-values.ts";
import { tmpfsSizeMib } from "../services/memory-folder/mounts.ts";
import { examples, type Verb } from "./verb.ts";

interface MemoryFolderOptions {
  readonly sizeMib: string;
  readonly mount: string;
}

/** `lectern memory-folder`: puts a stage's segments into memory. */
export const verb: Verb<MemoryFolderOptions> = {
  configure(command) {
    command
      .argument("<folder>", "the folder, as an absolute path; it is made if it is missing")
      .requiredOption("--size-mib <number>", "how much it may hold at most, in MiB; only what is in it takes memory")
      .option("--mount <program>", "the program mount of util-linux", "mount")
      .addHelpText(
        "after",
        `\nMounts a tmpfs at the folder. If one is there already, it keeps its files: it becomes larger if --size-mib is more, and never\nsmaller, because what is live may need the room. Needs root.\n${examples(
          "lectern memory-folder --size-mib 160 /var/cache/lectern/main",
        )}`,
      );
  },
  async run([folder = ""], { sizeMib, mount }) {
    const size = readWhole("--size-mib", sizeMib, { min: 1, max: 1_048_576, unit: "MiB" });
    if (!isAbsolute(folder))
      throw new CliError(ExitCode.usage, `${folder}: is no absolute path`, "give one, such as /var/cache/lectern/main");
    const present = tmpfsSizeMib(await readFile("/proc/self/mountinfo", "utf8"), folder);
    if (present !== undefined && present >= size) return ExitCode.done;
    await mkdir(folder, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
      throw new CliError(ExitCode.failed, `${folder}: cannot be made (${fileFault(error)})`, "run it as root");
    });
    const how =
      present === undefined
        ? ["-t", "tmpfs", "-o", `size=${size}M,mode=0755,nosuid,nodev,noexec`, "lectern"]
        : ["-o", `remount,size=${size}M`];
    if (await runCommand(mount, [...how, folder])) return ExitCode.done;
    throw new CliError(ExitCode.failed, `${folder}: ${mount} failed`, "see its message above; it needs root");
  },
};
