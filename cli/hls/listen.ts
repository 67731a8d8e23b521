import { once } from "node:events";
import type { Server } from "node:http";
import { CliError, ExitCode } from "../errors.ts";

// The first socket that systemd hands over (sd_listen_fds).
const handedOver = 3;

/** Listens on `host:port`, `unix:/path`, or the socket that systemd hands over (`systemd`). Throws CliError: 64 for an address that is none, 1 when it cannot. */
export async function listenOn(server: Server, address: string): Promise<void> {
  server.listen(whereOf(address));
  try {
    await once(server, "listening");
  } catch (error) {
    throw new CliError(ExitCode.failed, `cannot listen on ${address}: ${(error as Error).message}`);
  }
}

function whereOf(address: string): { fd: number } | { path: string } | { host: string; port: number } {
  if (address === "systemd") {
    if (process.env.LISTEN_FDS !== "1" || process.env.LISTEN_PID !== `${process.pid}`)
      throw new CliError(
        ExitCode.usage,
        "--listen systemd: no socket was handed over",
        "start the unit's socket, and the command itself rather than a shell around it",
      );
    return { fd: handedOver };
  }
  const [, path] = /^unix:(\/.+)$/.exec(address) ?? [];
  if (path !== undefined) return { path };
  const [, host = "", port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  const number = Number(port);
  if (number >= 1 && number <= 65_535) return { host: host.replace(/^\[(.*)\]$/, "$1"), port: number };
  throw new CliError(ExitCode.usage, `--listen ${address}: expected host:port, unix:/path or systemd`);
}
