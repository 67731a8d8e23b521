import { once } from "node:events";
import { ExitCode } from "../lib/errors.ts";
import { askedToEnd } from "../lib/signals.ts";
import { startSteerService } from "../services/steer/steer-service.ts";
import { examples, type Verb } from "./verb.ts";

interface SteerOptions {
  readonly edges: string;
  readonly listen: string;
  readonly control?: string;
  readonly metrics?: string;
  readonly stateDir: string;
  readonly orderFile?: string;
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** `lectern steer`: tells players which edge to use. */
export const verb: Verb<SteerOptions> = {
  configure(command) {
    command
      .requiredOption("--edges <file>", "JSON file that lists the stage's edges")
      .requiredOption("--listen <address>", "unix:<path> or host:port for the web server, which passes /steer on")
      .requiredOption("--state-dir <folder>", "folder that keeps the drained edges over a restart")
      .option(
        "--control <address>",
        "unix:<path> for `lectern edge` and `lectern status`; only its owner and root may use it",
      )
      .option("--metrics <address>", "host:port for /metrics, for monitoring on this machine")
      .option(
        "--order-file <file>",
        "file that always has the present order of the edges, for the keeper's --order-file",
      )
      .addHelpText(
        "after",
        `\nA service. It asks each edge every second whether it lives, and tells players where to go (HLS content steering). Two\nmisses take an edge out, two hits bring it back. If the service is down, players stay where they are.\n${examples(
          "lectern steer --edges edges.json --listen unix:/run/steer.sock --control unix:/run/steer-control.sock --state-dir /var/lib/steer",
        )}`,
      );
  },
  async run(_, options) {
    const stopped = askedToEnd();
    const service = await startSteerService({ ...options, say });
    try {
      if (!stopped.aborted) await once(stopped, "abort");
    } finally {
      service.stop();
    }
    return ExitCode.done;
  },
};
