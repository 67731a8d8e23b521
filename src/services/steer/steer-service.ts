import { chmodSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import { readEdgesFile } from "../../lib/edges-file.ts";
import { fileFault, reasonOf } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { listenAt, readPlace } from "../../lib/listen.ts";
import { writeWhole } from "../../lib/whole-file.ts";
import { Drains } from "./drains.ts";
import type { CheckTimes } from "./edge-health.ts";
import { controlServer, metricsServer, playersServer } from "./steer-server.ts";
import { Steering } from "./steering.ts";

export interface SteerServiceOptions {
  /** The file that lists the stage's edges. */
  readonly edges: string;
  /** host:port or unix:<path>, for the web server in front of players. */
  readonly listen: string;
  /** unix:<path>, for `lectern edge` and `lectern status`. Only the owner and root can connect. */
  readonly control?: string | undefined;
  /** host:port for `/metrics`. */
  readonly metrics?: string | undefined;
  /** Folder that keeps the drained edges. */
  readonly stateDir: string;
  /** File that gets the order for players of which nothing is known, one pathway a line; the keeper reads it. */
  readonly orderFile?: string | undefined;
  readonly say: (line: string) => void;
  readonly times?: CheckTimes;
}

/** A steering service that runs in this process. */
export interface SteerService {
  stop(): void;
}

/** Starts it; resolves when each edge was checked once and players can ask. Throws CliError: 64, 65, or 1 if it cannot listen. */
export async function startSteerService(options: SteerServiceOptions): Promise<SteerService> {
  const { say, stateDir, orderFile, times } = options;
  const edges = await readEdgesFile(options.edges);
  await mkdir(stateDir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new CliError(
      ExitCode.failed,
      `${stateDir}: ${fileFault(error)}`,
      "name a folder that this user may write to",
    );
  });
  const drains = await Drains.read(stateDir, say);
  let isStarted = false;
  let writing = Promise.resolve();
  const writeOrder = (): void => {
    if (orderFile === undefined || !isStarted) return;
    // One at a time, so that the last order stays.
    writing = writing
      .then(() => writeWhole(orderFile, `${steering.order().join("\n")}\n`, { mode: 0o644 }))
      .catch((error: unknown) => say(`${orderFile}: ${reasonOf(error)}`));
  };
  const steering = new Steering({ edges, drains, say, changed: writeOrder, ...(times && { times }) });
  const servers: Server[] = [];
  const stop = (): void => {
    steering.stop();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  const listen = async (server: Server, option: string, text: string): Promise<string | undefined> => {
    const place = readPlace(text);
    if (!place) throw new CliError(ExitCode.usage, `${option} ${text}: expected host:port or unix:<path>`);
    servers.push(server);
    await listenAt(server, place, text);
    return "path" in place ? place.path : undefined;
  };
  try {
    // Players that ask before the first round would all be sent to the origin.
    await steering.start();
    isStarted = true;
    writeOrder();
    await writing;
    if (options.control !== undefined) {
      const path = await listen(controlServer(steering), "--control", options.control);
      if (path !== undefined) chmodSync(path, 0o600);
    }
    if (options.metrics !== undefined) await listen(metricsServer(steering), "--metrics", options.metrics);
    await listen(playersServer(steering), "--listen", options.listen);
    say(`steering players on ${options.listen}`);
    return { stop };
  } catch (error) {
    stop();
    throw error;
  }
}
