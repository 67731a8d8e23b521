import { once } from "node:events";
import { unlink } from "node:fs/promises";
import { connect, type ListenOptions, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../errors.ts";

const retryMs = 1000;

/** A host and port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, given to `option`. Throws CliError 64. */
export function parseHostPort(text: string, option: string): HostPort {
  const [, host = "", port] = /^(\[[0-9a-f:.]+\]|[^:[\]/\s]+):(\d{1,5})$/i.exec(text) ?? [];
  const number = Number(port);
  if (!(number >= 0 && number <= 65_535) || port === undefined)
    throw new CliError(ExitCode.usage, `${option} ${text}: expected host:port, such as 127.0.0.1:1935 or [::]:1935`);
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: number };
}

/** Reads `host:port` or `unix:<path>`. Throws CliError 64. */
export function parsePlace(text: string, option: string): ListenOptions {
  const [, path] = /^unix:(.+)$/.exec(text) ?? [];
  return path === undefined ? { ...parseHostPort(text, option) } : { path };
}

async function listen(server: Server, where: ListenOptions): Promise<void> {
  server.listen(where);
  await once(server, "listening");
}

/** Listens once. A socket file whose server has gone is replaced. Throws CliError 1. */
export async function listenAt(server: Server, where: ListenOptions, text: string): Promise<void> {
  try {
    await listen(server, where).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE" || where.path === undefined || (await answers(where.path))) throw error;
      await unlink(where.path);
      await listen(server, where);
    });
  } catch (error) {
    throw cannotListen(text, error as Error);
  }
}

const cannotListen = (text: string, { message }: Error): CliError =>
  new CliError(
    ExitCode.failed,
    `cannot listen on ${text}: ${message}`,
    "does another program hold it, and may this user listen there?",
  );

async function answers(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Listens as soon as nobody else does: an Owncast that holds the port keeps it until its stream has ended. `onTaken` is called
 * once if the port is taken. Throws CliError 1 for anything else.
 */
export async function listenWhenFree(
  server: Server,
  { host, port }: HostPort,
  { signal, onTaken }: { signal: AbortSignal; onTaken: () => void },
): Promise<void> {
  let where: ListenOptions = { host, port };
  for (let tries = 0; ; ) {
    try {
      return await listen(server, where);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A machine without IPv6.
      if (where.host === "::" && (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL")) {
        where = { host: "0.0.0.0", port };
        continue;
      }
      if (code !== "EADDRINUSE") throw cannotListen(`${host}:${port}`, error as Error);
      if (tries++ === 0) onTaken();
    }
    await sleep(retryMs, undefined, { signal });
  }
}
