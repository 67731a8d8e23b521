import type { Server } from "node:http";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { listenAt, type Place, readPlace } from "../../lib/listen.ts";

const firstHandedOver = 3;

/**
 * Listens on `host:port`, `unix:<path>`, or every socket that systemd hands over (`systemd`), with a server made for each.
 * A socket file that a killed process left behind is replaced. Throws CliError: 64 for an address that is none, 1 when it cannot.
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
  if (address === "systemd") return handedOver();
  const place = readPlace(address);
  // Nobody would find a port that the system chooses.
  if (place && ("path" in place || place.port > 0)) return [place];
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
