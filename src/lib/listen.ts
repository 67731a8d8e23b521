import { once } from "node:events";
import { lstatSync, rmSync } from "node:fs";
import { connect, type Server } from "node:net";
import { codeOf, reasonOf } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";

/** A host and port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A place to listen on, as `server.listen` takes it. */
export type Place = HostPort | { readonly path: string } | { readonly fd: number };

/** Reads `host:port`; an IPv6 host stands in brackets. Undefined for anything else. */
export function readHostPort(text: string): HostPort | undefined {
  const [, host = "", port] = /^(\[[0-9a-f:.]+\]|[^:[\]/\s]+):(\d{1,5})$/i.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

/** Reads `host:port` or `unix:<path>`. Undefined for anything else. */
export function readPlace(text: string): HostPort | { readonly path: string } | undefined {
  const [, path] = /^unix:(.+)$/.exec(text) ?? [];
  return path === undefined ? readHostPort(text) : { path };
}

/** Listens, once. Rejects with Node's own error. */
export async function listen(server: Server, place: Place): Promise<void> {
  server.listen(place);
  await once(server, "listening");
}

/**
 * Listens. Replaces a socket file that a killed process left behind. `text` is how people write the place.
 * Throws CliError 1 if it cannot listen.
 */
export async function listenAt(server: Server, place: Place, text: string): Promise<void> {
  if ("path" in place) await removeDeadSocket(place.path);
  await listen(server, place).catch((error: Error) => {
    throw cannotListen(text, error);
  });
  // One connection that could not be accepted must not end the service.
  server.on("error", (error) => process.stderr.write(`${text}: ${error.message}\n`));
}

const remedies: Readonly<Record<string, string>> = {
  EACCES:
    "this user may not listen there: choose a port from 1024 up, choose a folder that this user owns, or give this user the right",
  EADDRINUSE: "another program uses it: stop that program, or choose another address",
  EADDRNOTAVAIL: "this machine has no such address: choose one that it has",
};

/** CliError 1 that says why it cannot listen. */
export const cannotListen = (text: string, error: Error): CliError =>
  new CliError(ExitCode.failed, `cannot listen on ${text}: ${reasonOf(error)}`, remedies[codeOf(error)]);

/** Removes a socket file that no process listens on. Throws CliError if one does, or if the file is not a socket. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  const refuse = (reason: string, remedy?: string): CliError =>
    new CliError(ExitCode.failed, `cannot listen on unix:${path}: ${reason}`, remedy);
  if (!found.isSocket()) throw refuse("it is not a socket", "remove it, or choose another path");
  const failure = await failureToConnect(path);
  if (failure === undefined) throw refuse("another process answers there", "stop that process first");
  if (codeOf(failure) !== "ECONNREFUSED") throw refuse(reasonOf(failure));
  rmSync(path, { force: true });
}

/** Undefined if a process listens there. */
async function failureToConnect(path: string): Promise<Error | undefined> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    socket.destroy();
  }
}
