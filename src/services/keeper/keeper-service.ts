import type { Server } from "node:http";
import { setImmediate as settled, setTimeout as sleep } from "node:timers/promises";
import { readEdgesFile } from "../../lib/edges-file.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { listenAt, type Place, readPlace } from "../../lib/listen.ts";
import { serverFactory } from "./keeper-server.ts";
import { NativeViewers } from "./native-viewers.ts";
import { PlaylistKeeper } from "./playlist-keeper.ts";

export interface KeeperServiceOptions {
  /** Owncast's own web address. */
  readonly owncast: string;
  /** Owncast's folder of playlists and segments. */
  readonly hlsDir: string;
  /** Holds old segments and the keeper's state. Default: beside `hlsDir`, named `…-kept`. */
  readonly keptDir?: string | undefined;
  /** host:port, unix:<path>, or `systemd` for a socket that systemd hands over. */
  readonly listen: string;
  /** Seconds for which players wait for a lost publisher. */
  readonly graceSeconds: number;
  /** The file that lists the stage's edges. */
  readonly edgesFile?: string | undefined;
  /** The file with their present order, which the steering service writes. */
  readonly edgesOrderFile?: string | undefined;
  /** The folder of the captions service, which may come and go. */
  readonly captionsDir?: string | undefined;
  readonly say: (line: string) => void;
}

/** A keeper that runs in this process. */
export interface KeeperService {
  /** Answers every request that waits, then closes all connections. */
  stop(): Promise<void>;
}

// The shortest segment is ten times as long.
const lookEveryMs = 100;
// The first file descriptor that systemd passes to a service (sd_listen_fds).
const firstPassedDescriptor = 3;

/** Starts a keeper; resolves when it listens. Throws CliError if it cannot listen there. */
export async function startKeeperService(options: KeeperServiceOptions): Promise<KeeperService> {
  const { owncast, hlsDir, keptDir = `${hlsDir.replace(/\/+$/, "")}-kept`, listen, graceSeconds, say } = options;
  const { edgesFile, edgesOrderFile, captionsDir } = options;
  const edges = edgesFile === undefined ? undefined : await readEdgesFile(edgesFile);
  const besides = { edges, edgesOrderFile, captionsDir };
  const keeper = new PlaylistKeeper({ hlsDir, keptDir, graceMs: graceSeconds * 1000, ...besides, say });
  const viewers = new NativeViewers(owncast);
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
    servers = await listenOn(serverFactory(keeper, viewers), listen);
    say(`answering playlists on ${listen}`);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Listens on `host:port`, `unix:<path>`, or every socket that systemd passes (`systemd`), with one server for each.
 * Replaces a socket file that a killed process left. Throws CliError: 64 for a bad address, 1 if it cannot listen.
 */
export async function listenOn(makeServer: () => Server, address: string): Promise<Server[]> {
  const servers: Server[] = [];
  for (const place of placesOf(address)) {
    const server = makeServer();
    servers.push(server);
    await listenAt(server, place, address);
  }
  return servers;
}

function placesOf(address: string): readonly Place[] {
  if (address === "systemd") return passedSockets();
  const place = readPlace(address);
  // Port 0 is refused: the web server could not know the port that the system chooses.
  if (place && ("path" in place || place.port > 0)) return [place];
  throw new CliError(ExitCode.usage, `--listen ${address}: expected host:port, unix:<path> or systemd`);
}

function passedSockets(): Place[] {
  const { LISTEN_FDS: count = "", LISTEN_PID: pid } = process.env;
  if (/^[1-9]$/.test(count) && pid === `${process.pid}`)
    return Array.from({ length: Number(count) }, (_, index) => ({ fd: firstPassedDescriptor + index }));
  throw new CliError(
    ExitCode.usage,
    "--listen systemd: systemd passed no socket",
    "start the unit's socket, and let the unit run lectern itself, not a shell around it",
  );
}
