import { once } from "node:events";
import { CliError, ExitCode } from "../lib/errors.ts";
import { findProgram } from "../lib/programs.ts";
import { askedToEnd } from "../lib/signals.ts";
import { startGate } from "../services/gate/gate.ts";
import { examples, type Verb } from "./verb.ts";

interface GateOptions {
  readonly listen: string;
  readonly owncast: string;
  readonly owncastUrl: string;
  readonly seed: string;
  readonly secrets: string;
  readonly captions?: string;
  readonly status?: string;
}

/** ffmpeg, which measures how loud the sound is. Without it, the gate does everything else. */
function levelMeter(say: (line: string) => void): string | undefined {
  try {
    return findProgram("ffmpeg");
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    say(`the sound's level is not measured: ${error.message}`);
    return undefined;
  }
}

/** `lectern gate`: the RTMP server for cameras. */
export const verb: Verb<GateOptions> = {
  configure(command) {
    command
      .requiredOption(
        "--listen <address>",
        "host:port for cameras, such as [::]:1935; if another program has the port, the gate waits",
      )
      .requiredOption("--owncast <address>", "host:port of Owncast's RTMP server, which nobody else should reach")
      .requiredOption("--owncast-url <url>", "Owncast's own web address, such as http://127.0.0.1:8080")
      .requiredOption("--seed <file>", "seed or stage file: it names the stream keys")
      .requiredOption("--secrets <folder>", "folder with a file for each stream key, interpreters' keys included")
      .option(
        "--captions <address>",
        "unix:<path> or host:port of `lectern captions --inputs`: interpreters' sound goes there; without it, interpreters are refused",
      )
      .option("--status <address>", "unix:<path> or host:port for /status and /metrics")
      .addHelpText(
        "after",
        `\nA service. It accepts RTMP from cameras, checks their stream keys and hands their streams to Owncast. One publisher is\non air at a time. One that reconnects waits until Owncast is ready. The gate reads the keys again for each attempt.\n${examples(
          "lectern gate --listen [::]:1935 --owncast 127.0.0.1:19350 --owncast-url http://127.0.0.1:8080 --seed main.json --secrets ./secrets",
        )}`,
      );
  },
  async run(_, { owncastUrl, seed: seedFile, ...options }) {
    if (!URL.canParse(owncastUrl) || new URL(owncastUrl).protocol !== "http:")
      throw new CliError(
        ExitCode.usage,
        `--owncast-url ${owncastUrl}: expected an address such as http://127.0.0.1:8080`,
      );
    const stopped = askedToEnd();
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const gate = await startGate({ ...options, owncastUrl, seedFile, say, ffmpeg: levelMeter(say) });
    try {
      // A port that cannot be listened on, now or later, ends the service.
      if (!stopped.aborted) await Promise.race([once(stopped, "abort"), gate.listening]);
      if (!stopped.aborted) await once(stopped, "abort");
    } finally {
      await gate.stop();
    }
    return ExitCode.done;
  },
};
