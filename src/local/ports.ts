import { CliError, ExitCode } from "../lib/errors.ts";
import { freePort, isFree, reserve } from "../lib/free-port.ts";

/** What people open, on loopback only. */
export interface ShownPorts {
  readonly https: number;
  readonly rtmp: number;
  /** Caddy's, for the admin page. */
  readonly admin: number;
}

/** What the demo listens on, loopback only. */
export interface Ports extends ShownPorts {
  /** Owncast's web server itself, for Caddy and the demo: a browser that administers there would do it for other sites, too. */
  readonly owncast: number;
}

export const defaultPorts: ShownPorts = { https: 8443, rtmp: 1935, admin: 8080 };

/**
 * The ports to use: those asked for, else the default, else the next free one after it, which is said on stderr.
 * Throws CliError (1) for a port that was asked for and is taken, naming the next free one.
 */
export async function choosePorts(asked: Partial<ShownPorts>): Promise<Ports> {
  const chosen: Record<keyof ShownPorts, number> = { ...defaultPorts, ...asked };
  const taken = new Set<number>();
  for (const name of ["https", "rtmp", "admin"] as const) {
    const port = chosen[name];
    const free = await nextFree(port, taken, asked[name] === undefined ? mayTake : isFree);
    if (free !== port && asked[name] !== undefined)
      throw new CliError(
        ExitCode.failed,
        `port ${port} is taken by another program`,
        `use --${name}-port ${free}, which is free`,
      );
    if (free !== port) process.stderr.write(`port ${port} is taken by another program; using ${free} instead\n`);
    taken.add(free);
    chosen[name] = free;
  }
  return { ...chosen, owncast: await nextFree(await freePort(), taken, isFree) };
}

// Another demo that starts right now listens a few seconds later.
const mayTake = async (port: number): Promise<boolean> => (await isFree(port)) && reserve(port);

async function nextFree(from: number, taken: ReadonlySet<number>, isUsable: typeof isFree): Promise<number> {
  for (let port = from; port <= 65_535; port++) if (!taken.has(port) && (await isUsable(port))) return port;
  throw new CliError(ExitCode.failed, `no port from ${from} up is free`);
}
