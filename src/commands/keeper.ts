import { once } from "node:events";
import { CliError, ExitCode } from "../lib/errors.ts";
import { askedToEnd } from "../lib/signals.ts";
import { startKeeperService } from "../services/keeper/keeper-service.ts";
import { examples, type Verb } from "./verb.ts";

interface KeeperOptions {
  readonly owncast: string;
  readonly hlsDir: string;
  readonly keptDir?: string;
  readonly listen: string;
  readonly grace: string;
  readonly edges?: string;
  readonly orderFile?: string;
  readonly captionsDir?: string;
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** `lectern keeper`: the playlist keeper. */
export const verb: Verb<KeeperOptions> = {
  configure(command) {
    command
      .requiredOption("--owncast <url>", "Owncast's own address, such as http://127.0.0.1:8080")
      .requiredOption("--hls-dir <folder>", "Owncast's folder of playlists and segments, data/hls")
      .option("--kept-dir <folder>", "folder for kept segments and the state (default: beside --hls-dir, named …-kept)")
      .requiredOption("--listen <address>", "host:port, unix:<path>, or systemd for a socket from systemd")
      .option("--grace <seconds>", "how long a publisher may be gone before the stream ends", "30")
      .option("--edges <file>", "JSON file that lists the stage's edges: the master playlist then leads to them")
      .option("--order-file <file>", "file with the edges' present order, which `lectern steer --order-file` writes")
      .option(
        "--captions-dir <folder>",
        "the folder of `lectern captions`: the master playlist then names its tracks while it runs",
      )
      .addHelpText(
        "after",
        `\nA service. It serves /hls/stream.m3u8 and every rendition's playlist: whole, and unbroken through short losses of the\npublisher. /metrics is for Prometheus. The state is on disk, so the keeper may be restarted or killed at any time.\n${examples(
          "lectern keeper --owncast http://127.0.0.1:8080 --hls-dir /var/cache/lectern/main/hls --listen 127.0.0.1:8081",
        )}`,
      );
  },
  async run(_, { owncast, hlsDir, keptDir, listen, grace, ...more }) {
    const { edges: edgesFile, orderFile: edgesOrderFile, captionsDir } = more;
    const graceSeconds = Number(grace);
    if (!(graceSeconds >= 0 && graceSeconds <= 3600) || grace.trim() === "")
      throw new CliError(ExitCode.usage, `--grace ${grace}: expected seconds from 0 to 3600`);
    if (!URL.canParse(owncast) || new URL(owncast).protocol !== "http:")
      throw new CliError(ExitCode.usage, `--owncast ${owncast}: expected an address such as http://127.0.0.1:8080`);
    const stopped = askedToEnd();
    const besides = { edgesFile, edgesOrderFile, captionsDir };
    const keeper = await startKeeperService({ owncast, hlsDir, keptDir, listen, graceSeconds, ...besides, say });
    try {
      if (!stopped.aborted) await once(stopped, "abort");
    } finally {
      await keeper.stop();
    }
    return ExitCode.done;
  },
};
