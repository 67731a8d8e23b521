import { ExitCode } from "../lib/errors.ts";
import { keepDoor } from "../services/doors/keep-door.ts";
import { viewersDoor } from "../services/doors/viewers-door.ts";
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
  async run(command, { passwordFile, to }) {
    await keepDoor({
      ...{ secretFile: passwordFile, folder: to, command, read: readViewersPassword, textFor: viewersDoor },
      closed: "the stage is closed to everybody who needs the password",
      remedy:
        "put a password of 8 to 72 characters, on one line, into that file (on a host: the one that viewers.password.file names, which may be missing), then start this again",
    });
    return ExitCode.done;
  },
};
