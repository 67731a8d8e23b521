import { once } from "node:events";
import type { Server } from "node:http";
import { setImmediate as settled, setTimeout as sleep } from "node:timers/promises";
import { askedToEnd } from "../lib/asked-to-end.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { Keeper } from "../services/keeper/keeper.ts";
import { serverMaker } from "../services/keeper/keeper-server.ts";
import { listenOn } from "../services/keeper/keeper-socket.ts";
import { Viewers } from "../services/keeper/native-viewers.ts";
import { examples, type Verb } from "./verb.ts";

interface KeeperOptions {
  readonly owncast: string;
  readonly hlsDir: string;
  readonly keptDir?: string;
  readonly listen: string;
  readonly grace: string;
}

// A write of Owncast's is seen within so long; the shortest segment is ten times that.
const lookEveryMs = 100;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** `lectern keeper`: the playlist keeper. */
export const verb: Verb<KeeperOptions> = {
  configure(command) {
    command
      .requiredOption("--owncast <url>", "Owncast's own address, such as http://127.0.0.1:8080")
      .requiredOption("--hls-dir <folder>", "Owncast's folder of playlists and segments, data/hls")
      .option("--kept-dir <folder>", "where segments and the state are held (default: beside it, named …-kept)")
      .requiredOption("--listen <address>", "host:port, unix:<path>, or systemd for a socket that it hands over")
      .option("--grace <seconds>", "how long players wait for a lost publisher", "30")
      .addHelpText(
        "after",
        `\nA service: answers /hls/stream.m3u8 and every variant's playlist, whole and unbroken through short losses of the publisher.\n/metrics is for Prometheus. What it holds is on disk: it may be restarted or killed at any time.\n${examples(
          "lectern keeper --owncast http://127.0.0.1:8080 --hls-dir /var/cache/lectern/main/hls --listen 127.0.0.1:8081",
        )}`,
      );
  },
  async run(_, { owncast, hlsDir, keptDir = `${hlsDir.replace(/\/+$/, "")}-kept`, listen, grace }) {
    const graceSeconds = Number(grace);
    if (!(graceSeconds >= 0 && graceSeconds <= 3600) || grace.trim() === "")
      throw new CliError(ExitCode.usage, `--grace ${grace}: expected seconds from 0 to 3600`);
    if (!URL.canParse(owncast) || new URL(owncast).protocol !== "http:")
      throw new CliError(ExitCode.usage, `--owncast ${owncast}: expected an address such as http://127.0.0.1:8080`);
    const keeper = new Keeper({ hlsDir, keptDir, graceMs: graceSeconds * 1000, say });
    const viewers = new Viewers(owncast);
    // A master playlist counts from the second look on: nobody is to get an answer from before the last stop.
    keeper.look();
    await sleep(lookEveryMs);
    keeper.look();
    const looking = setInterval(() => keeper.look(), lookEveryMs);
    const stopped = askedToEnd();
    let servers: Server[] = [];
    try {
      servers = await listenOn(serverMaker(keeper, viewers), listen);
      say(`answering playlists on ${listen}`);
      if (!stopped.aborted) await once(stopped, "abort");
    } finally {
      clearInterval(looking);
      viewers.stop();
      // Who waits for an answer gets it whole.
      keeper.stopWaiting();
      await settled();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    }
    return ExitCode.done;
  },
};
