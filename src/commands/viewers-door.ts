import { Option } from "commander";
import type { Front } from "../../codegen/site/rules.ts";
import { ExitCode } from "../lib/errors.ts";
import { keepDoor } from "../services/doors/keep-door.ts";
import { viewersDoor } from "../services/doors/viewers-door.ts";
import { readViewersPassword } from "../viewer/viewer-credentials.ts";
import { examples, type Verb } from "./verb.ts";

interface ViewersDoorOptions {
  readonly passwordFile: string;
  readonly to: string;
  readonly for: Front;
}

/** `lectern viewers-door`: tells the front the password of a private stage. */
export const verb: Verb<ViewersDoorOptions> = {
  configure(command) {
    command
      .argument(
        "[command...]",
        "the command, after --, that reloads the front; it runs if something changed, or if it failed the last time",
      )
      .requiredOption("--password-file <file>", "the viewers' password, on one line")
      .requiredOption("--to <folder>", "the folder that the front includes; only the front may read it")
      .addOption(
        new Option("--for <front>", "the server in front of the stage").choices(["caddy", "nginx"]).default("caddy"),
      )
      .addHelpText(
        "after",
        `\nWrites the file with which the front knows the password and the cookie of viewers who gave it: for Caddy the password's\nhash, for nginx the request header itself. If the password cannot be read or used, the stage is closed to everybody who\nneeds it (exit code 65).\n${examples(
          "lectern viewers-door --password-file ./viewers-password --to /run/lectern/main-viewers -- systemctl reload caddy",
          "lectern viewers-door --for nginx --password-file ./viewers-password --to /run/lectern/main-viewers -- systemctl reload nginx",
        )}`,
      );
  },
  async run(command, { passwordFile, to, for: front }) {
    await keepDoor({
      ...{ secretFile: passwordFile, folder: to, front, command, read: readViewersPassword, textFor: viewersDoor },
      closed: "the stage is closed to everybody who needs the password",
      remedy:
        "put a password of 8 to 72 characters, on one line, into that file (on a host: the one that viewers.password.file names, which may be missing), then start this again",
    });
    return ExitCode.done;
  },
};
