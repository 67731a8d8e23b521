import { once } from "node:events";
import { lstatSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { CliError, ExitCode } from "../errors.ts";

const firstHandedOver = 3;

/**
 * Listens on `host:port`, `unix:<path>`, or every socket that systemd hands over (`systemd`), with a server made for each.
 * A socket file that a killed process left behind is replaced. Throws CliError: 64 for an address that is none, 1 when it cannot.
 */
export async function listenOn(makeServer: () => Server, address: string): Promise<Server[]> {
  const servers: Server[] = [];
  for (const where of placesOf(address)) {
    const server = makeServer();
    servers.push(server);
    if ("path" in where) await removeDeadSocket(where.path);
    server.listen(where);
    try {
      await once(server, "listening");
    } catch (error) {
      throw new CliError(ExitCode.failed, `cannot listen on ${address}: ${(error as Error).message}`);
    }
    // A connection that could not be taken is the client's loss: it must not end the service.
    server.on("error", (error) => process.stderr.write(`${address}: ${error.message}\n`));
  }
  return servers;
}

/** Removes a socket file if nobody answers there. Throws CliError if somebody does, or if it is no socket. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket())
    throw new CliError(
      ExitCode.failed,
      `cannot listen on unix:${path}: it is not a socket`,
      "remove it, or choose another path",
    );
  const failure = await failureToConnect(path);
  if (failure === undefined)
    throw new CliError(
      ExitCode.failed,
      `cannot listen on unix:${path}: another process answers there`,
      "stop that one first",
    );
  if (failure.code !== "ECONNREFUSED")
    throw new CliError(ExitCode.failed, `cannot listen on unix:${path}: ${failure.message}`);
  rmSync(path, { force: true });
}

/** Undefined if somebody answers. */
async function failureToConnect(path: string): Promise<NodeJS.ErrnoException | undefined> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    socket.destroy();
  }
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
