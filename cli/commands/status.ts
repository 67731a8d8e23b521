import { paint } from "../colour.ts";
import type { ExitCode } from "../errors.ts";
import { findStage, readStages } from "../host/stages.ts";
import { readStatus, statusExitCode } from "../host/status.ts";
import { statusText } from "../host/status-text.ts";
import { examples, type Verb } from "../verb.ts";

interface StatusOptions {
  readonly deadline: string;
  readonly json?: true;
}

/** `lectern status`: how this host's stages are doing. */
export const verb: Verb<StatusOptions> = {
  configure(command) {
    command
      .argument("[stage]", "a stage of this host; all of them when left out")
      .option("--deadline <seconds>", "how long to wait for a server that does not answer", "5")
      .option("--json", "print the state as JSON")
      .addHelpText(
        "after",
        `\nOn a host, as root. Exits 0 if all is well, 2 if settings drifted, a unit failed, the gate waits for\nits port or there is no certificate, 69 if a server or a gate is not reached.\n${examples(
          "lectern status",
          "lectern status main --json",
        )}`,
      );
  },
  async run([name], { deadline, json }): Promise<ExitCode> {
    const stages = name === undefined ? await readStages() : [await findStage(name)];
    const all = await Promise.all(stages.map((stage) => readStatus(stage, deadline)));
    const texts = () => all.map((one) => statusText(one, Date.now(), paint)).join("\n");
    process.stdout.write(
      json ? `${JSON.stringify({ stages: all }, null, 2)}\n` : texts() || "this host has no stages\n",
    );
    return statusExitCode(all);
  },
};
