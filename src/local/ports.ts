import { connect, type Server, type Socket } from "node:net";
import { CliError, ExitCode } from "../lib/errors.ts";
import { listen } from "../lib/free-port.ts";

/** The ports for people. */
export interface ShownPorts {
  /** The page, by Caddy. */
  readonly https: number;
  /** Publishers, by the gate. */
  readonly rtmp: number;
  /** The admin page, by Caddy. */
  readonly admin: number;
}

/** The ports of a stage, all on 127.0.0.1. */
export interface StagePorts extends ShownPorts {
  /** Owncast's own web server. No browser should use it: it does not refuse requests that other sites make. */
  readonly owncast: number;
}

/** The first ports that a demo tries for edges and for object storage. */
export const firstPorts = { edges: 8451, storage: 9000 } as const;

export const defaultPorts: ShownPorts = { https: 8443, rtmp: 1935, admin: 8080 };
const names = ["https", "rtmp", "admin"] as const;

export type OpenPorts = Readonly<Record<keyof ShownPorts, Server>>;

/**
 * Listens on the requested ports, else on the default ones, else on the next free ones, and reports those on stderr. The servers
 * close each connection until they get a handler for connections.
 * Throws CliError (1) if a requested port is taken, and names the next free one.
 */
export async function openPorts(asked: Partial<ShownPorts>): Promise<OpenPorts> {
  const opened: Partial<Record<keyof ShownPorts, Server>> = {};
  try {
    for (const name of names) {
      const port = asked[name] ?? defaultPorts[name];
      const { server, free } = await listenFrom(port);
      opened[name] = server;
      if (free === port) continue;
      if (asked[name] !== undefined)
        throw new CliError(
          ExitCode.failed,
          `port ${port} is taken by another program`,
          `use --${name}-port ${free}, which is free`,
        );
      process.stderr.write(`port ${port} is taken by another program; using ${free} instead\n`);
    }
    return opened as OpenPorts;
  } catch (error) {
    for (const server of Object.values(opened)) server.close();
    throw error;
  }
}

/** Listens on so many ports, each the next free one from `first` on. The servers close each connection as those of `openPorts` do. */
export async function openFrom(first: number, count: number): Promise<Server[]> {
  const opened: Server[] = [];
  for (let from = first; opened.length < count; ) {
    const { server, free } = await listenFrom(from);
    opened.push(server);
    from = free + 1;
  }
  return opened;
}

async function listenFrom(first: number): Promise<{ server: Server; free: number }> {
  for (let free = first; free <= 65_535; free++) {
    const server = await listen(free).catch(() => undefined);
    // A demo that fails before it starts must not wait for connections.
    if (server) return { server: server.on("connection", (socket) => socket.destroy()).unref(), free };
  }
  throw new CliError(ExitCode.failed, `no port from ${first} up is free`);
}

/** Carries a connection to a port of 127.0.0.1 in this process's network. The end or failure of one side ends the other. */
export function carryTo(port: number, outside: Socket): void {
  const inside = connect(port, "127.0.0.1");
  for (const [from, to] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    from.setNoDelay(true);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}
