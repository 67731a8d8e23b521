import { runCommand } from "../lib/child-process.ts";
import { ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { askedToEnd } from "../lib/signals.ts";
import { untilOffAir } from "../owncast/client/off-air.ts";
import { examples, type Verb } from "./verb.ts";

interface WhenOffAirOptions {
  readonly url: string;
  readonly quiet: string;
}

export const verb: Verb<WhenOffAirOptions> = {
  configure(command) {
    command
      .argument("<command...>", "what to run then; write it after --")
      .requiredOption("--url <url>", "Owncast's own address, such as http://127.0.0.1:8080")
      .option("--quiet <seconds>", "how long the stream must have been off (a camera may reconnect)", "30")
      .addHelpText(
        "after",
        examples("lectern when-off-air --url http://127.0.0.1:8080 -- systemctl restart owncast-main.service"),
      );
  },
  async run([program = "", ...args], { url, quiet }) {
    // Not TERM: the command may stop this unit with it, and a unit that ends by TERM has not failed.
    const signal = askedToEnd(["SIGINT", "SIGHUP"]);
    const say = (line: string) => process.stderr.write(`${line}\n`);
    await untilOffAir({ url, quietSeconds: readSeconds("--quiet", quiet), say, signal });
    return (await runCommand(program, args)) ? ExitCode.done : ExitCode.failed;
  },
};
