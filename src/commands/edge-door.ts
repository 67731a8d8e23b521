import { Option } from "commander";
import { ExitCode } from "../lib/errors.ts";
import { type EdgeDoorReader, edgeDoor, edgeSecretIn } from "../services/doors/edge-door.ts";
import { keepDoor } from "../services/doors/keep-door.ts";
import { examples, type Verb } from "./verb.ts";

interface EdgeDoorOptions {
  readonly secretFile: string;
  readonly to: string;
  readonly for: EdgeDoorReader;
}

/** `lectern edge-door`: tells the origin's front, or an edge, the secret that they share. */
export const verb: Verb<EdgeDoorOptions> = {
  configure(command) {
    command
      .argument(
        "[command...]",
        "the command, after --, that reloads the web server; it runs if something changed, or if it failed the last time",
      )
      .requiredOption("--secret-file <file>", "the secret that the origin shares with its edges, on one line")
      .requiredOption("--to <folder>", "the folder that the web server includes; only the web server may read it")
      .addOption(
        new Option("--for <reader>", "the origin's front, or edge on an edge itself")
          .choices(["caddy", "nginx", "edge"])
          .default("caddy"),
      )
      .addHelpText(
        "after",
        `\nWrites a file for the web server. The origin then takes an edge's word on which viewer asks; an edge shows the secret\nwith each request. If the secret cannot be read or used, the origin believes no edge (exit code 65).\n${examples(
          "lectern edge-door --secret-file ./edge-secret --to /run/lectern/edge-door -- systemctl reload caddy",
          "lectern edge-door --secret-file ./edge-secret --to /run/lectern/edge-secret --for edge -- systemctl reload nginx",
        )}`,
      );
  },
  async run(command, { secretFile, to, for: reader }) {
    await keepDoor({
      ...{ secretFile, folder: to, command, read: edgeSecretIn },
      front: reader === "caddy" ? "caddy" : "nginx",
      textFor: (secret) => edgeDoor(secret, reader),
      closed: "the origin counts all viewers of an edge as one",
      remedy:
        "put 22 to 128 random letters and digits into that file, the same at the origin and at each edge (openssl rand -hex 32 prints some), then start this again",
    });
    return ExitCode.done;
  },
};
