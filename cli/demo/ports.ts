import { CliError, ExitCode } from "../errors.ts";
import { isFree, reserve } from "../free-port.ts";

/** What the demo listens on, loopback only. */
export interface Ports {
  readonly https: number;
  readonly rtmp: number;
  readonly admin: number;
}

export const defaultPorts: Ports = { https: 8443, rtmp: 1935, admin: 8080 };

/**
 * The ports to use: those asked for, else the default, else the next free one after it, which is said on stderr.
 * Throws CliError (1) for a port that was asked for and is taken, naming the next free one.
 */
export async function choosePorts(asked: Partial<Ports>): Promise<Ports> {
  const chosen: Record<keyof Ports, number> = { ...defaultPorts, ...asked };
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
  return chosen;
}

// Another demo that starts right now listens a few seconds later.
const mayTake = async (port: number): Promise<boolean> => (await isFree(port)) && reserve(port);

async function nextFree(from: number, taken: ReadonlySet<number>, isUsable: typeof isFree): Promise<number> {
  for (let port = from; port <= 65_535; port++) if (!taken.has(port) && (await isUsable(port))) return port;
  throw new CliError(ExitCode.failed, `no port from ${from} up is free`);
}
