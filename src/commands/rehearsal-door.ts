import { Option } from "commander";
import type { Front } from "../../codegen/site/rules.ts";
import { ExitCode } from "../lib/errors.ts";
import { keepDoor } from "../services/doors/keep-door.ts";
import { rehearsalDoor } from "../services/doors/rehearsal-door.ts";
import { rehearsalTokenIn } from "../viewer/rehearsal-token.ts";
import { examples, type Verb } from "./verb.ts";

interface RehearsalDoorOptions {
  readonly tokenFile: string;
  readonly to: string;
  readonly for: Front;
}

/** `lectern rehearsal-door`: tells the front the token of rehearsals. */
export const verb: Verb<RehearsalDoorOptions> = {
  configure(command) {
    command
      .argument(
        "[command...]",
        "the command, after --, that reloads the front; it runs if something changed, or if it failed the last time",
      )
      .requiredOption("--token-file <file>", "the stage's rehearsal token, on one line")
      .requiredOption("--to <folder>", "the folder that the front includes; only the front may read it")
      .addOption(
        new Option("--for <front>", "the server in front of the stage").choices(["caddy", "nginx"]).default("caddy"),
      )
      .addHelpText(
        "after",
        `\nWrites a file for the front, which then allows a rehearsal to a program that sends the token. If the token cannot be read or\nused, no rehearsal is allowed (exit code 65).\n${examples(
          "lectern rehearsal-door --token-file ./rehearsal-token --to /run/lectern/main-rehearsal -- systemctl reload caddy",
          "lectern rehearsal-door --for nginx --token-file ./rehearsal-token --to /run/lectern/main-rehearsal -- systemctl reload nginx",
        )}`,
      );
  },
  async run(command, { tokenFile, to, for: front }) {
    await keepDoor({
      ...{ secretFile: tokenFile, folder: to, front, command, read: rehearsalTokenIn, textFor: rehearsalDoor },
      closed: "no rehearsal is allowed",
      remedy:
        "on a host, remove that file so that Lectern makes a new one, or put 22 to 128 random letters and digits into it; then start this again",
    });
    return ExitCode.done;
  },
};
