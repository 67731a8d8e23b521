import { once } from "node:events";
import type { Server } from "node:http";
import { CliError, ExitCode } from "../errors.ts";

const firstHandedOver = 3;

/**
 * Listens on `host:port`, `unix:<path>`, or every socket that systemd hands over (`systemd`), with a server made for each.
 * Throws CliError: 64 for an address that is none, 1 when it cannot.
 */
export async function listenOn(makeServer: () => Server, address: string): Promise<Server[]> {
  const servers: Server[] = [];
  for (const where of placesOf(address)) {
    const server = makeServer().listen(where);
    servers.push(server);
    try {
      await once(server, "listening");
    } catch (error) {
      throw new CliError(ExitCode.failed, `cannot listen on ${address}: ${(error as Error).message}`);
    }
  }
  return servers;
}

/** A place to listen in, as `server.listen` takes it. */
type Place = { fd: number } | { path: string } | { host: string; port: number };

function placesOf(address: string): readonly Place[] {
  if (address === "systemd") return handedOver();
  const [, path] = /^unix:(.+)$/.exec(address) ?? [];
  if (path !== undefined) return [{ path }];
  const [, host = "", port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  const number = Number(port);
  if (number >= 1 && number <= 65_535) return [{ host: host.replace(/^\[(.*)\]$/, "$1"), port: number }];
  throw new CliError(ExitCode.usage, `--listen ${address}: expected host:port, unix:<path> or systemd`);
}

/** The sockets that systemd hands over (sd_listen_fds). */
function handedOver(): Place[] {
  const { LISTEN_FDS: count = "", LISTEN_PID: pid } = process.env;
  if (/^[1-9]$/.test(count) && pid === `${process.pid}`)
    return Array.from({ length: Number(count) }, (_, index) => ({ fd: firstHandedOver + index }));
  throw new CliError(
    ExitCode.usage,
    "--listen systemd: no socket was handed over",
    "start the unit's socket, and the command itself rather than a shell around it",
  );
}
