import { runCommand } from "../lib/child-process.ts";
import { fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { SecretFault } from "../lib/secret-file.ts";
import { closeDoor, doorWasTold, openDoor } from "../services/viewers-door/door.ts";
import { readViewersPassword } from "../viewer/viewer-credentials.ts";
import { examples, type Verb } from "./verb.ts";

interface ViewersDoorOptions {
  readonly passwordFile: string;
  readonly to: string;
}

/** `lectern viewers-door`: tells Caddy the password of a private stage. */
export const verb: Verb<ViewersDoorOptions> = {
  configure(command) {
    command
      .argument(
        "[command...]",
        "the command, after --, that reloads Caddy; it runs if something changed, or if it failed the last time",
      )
      .requiredOption("--password-file <file>", "the viewers' password, on one line")
      .requiredOption("--to <folder>", "the folder that Caddy imports; only Caddy may read it")
      .addHelpText(
        "after",
        `\nWrites a file for Caddy with the password's hash and the cookie of viewers who gave the password. If the password\ncannot be read or used, the stage is closed to everybody who needs it (exit code 65).\n${examples(
          "lectern viewers-door --password-file ./viewers-password --to /run/lectern/main-viewers -- systemctl reload caddy",
        )}`,
      );
  },
  async run([program, ...args], { passwordFile, to }) {
    const tell = async () => program === undefined || (await runCommand(program, args));
    const password = await readViewersPassword(passwordFile).catch(async (error: unknown) => {
      if (!(error instanceof SecretFault)) throw error;
      await written(closeDoor(to), to);
      // Reload each time: Caddy may have missed it when the door was closed before.
      const outcome = (await tell()) ? "the stage is closed to everybody who needs the password" : `${program} failed`;
      throw new CliError(
        ExitCode.badInput,
        `${passwordFile}: ${error.message}; ${outcome}`,
        "put a password of 8 to 72 characters, on one line, into that file (on a host: the one that viewers.password.file names, which may be missing), then start this again",
      );
    });
    if (!(await written(openDoor(to, password), to))) return ExitCode.done;
    if (!(await tell()))
      throw new CliError(
        ExitCode.failed,
        `${program} failed, so Caddy may still use an old password, or none`,
        "correct the fault that it names (on a host: journalctl -u caddy), then run this again",
      );
    await written(doorWasTold(to), to);
    return ExitCode.done;
  },
};

/** Names the folder in a failure to read or write it. */
const written = <Result>(work: Promise<Result>, folder: string): Promise<Result> =>
  work.catch((error: unknown) => {
    throw new CliError(
      ExitCode.failed,
      `${folder}: cannot be written (${fileFault(error)})`,
      "--to is a folder that this user may write",
    );
  });
