import type { Server } from "node:http";
import { setImmediate as settled, setTimeout as sleep } from "node:timers/promises";
import { Keeper } from "./keeper.ts";
import { serverMaker } from "./keeper-server.ts";
import { listenOn } from "./keeper-socket.ts";
import { Viewers } from "./native-viewers.ts";

export interface KeeperServiceOptions {
  /** Owncast's own web address. */
  readonly owncast: string;
  /** Owncast's folder of playlists and segments. */
  readonly hlsDir: string;
  /** Holds old segments and the keeper's state. Default: beside `hlsDir`, named `…-kept`. */
  readonly keptDir?: string | undefined;
  /** host:port, unix:<path>, or `systemd` for a socket that systemd hands over. */
  readonly listen: string;
  /** How long players wait for a lost publisher. */
  readonly graceSeconds: number;
  readonly say: (line: string) => void;
}

/** A keeper that runs in this process. */
export interface KeeperService {
  /** Answers every request that waits, then closes all connections. */
  stop(): Promise<void>;
}

// The shortest segment is ten times as long.
const lookEveryMs = 100;

/** Starts a keeper; resolves when it listens. Throws CliError if it cannot listen there. */
export async function startKeeperService(options: KeeperServiceOptions): Promise<KeeperService> {
  const { owncast, hlsDir, keptDir = `${hlsDir.replace(/\/+$/, "")}-kept`, listen, graceSeconds, say } = options;
  const keeper = new Keeper({ hlsDir, keptDir, graceMs: graceSeconds * 1000, say });
  const viewers = new Viewers(owncast);
  // A master playlist counts from the second look on: no player may get a playlist from before the last stop.
  keeper.look();
  await sleep(lookEveryMs);
  keeper.look();
  const looking = setInterval(() => keeper.look(), lookEveryMs);
  let servers: Server[] = [];
  const stop = async () => {
    clearInterval(looking);
    viewers.stop();
    keeper.stopWaiting();
    await settled();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  try {
    servers = await listenOn(serverMaker(keeper, viewers), listen);
    say(`answering playlists on ${listen}`);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
