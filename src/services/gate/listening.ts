import type { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { cannotListen, type HostPort, listen, type Place, readHostPort, readPlace } from "../../lib/listen.ts";

const retryMs = 1000;

/** Reads `host:port`, given to `option`. Throws CliError 64. */
export const parseHostPort = (text: string, option: string): HostPort =>
  readHostPort(text) ?? notA("host:port, such as 127.0.0.1:1935 or [::]:1935", text, option);

/** Reads `host:port` or `unix:<path>`, given to `option`. Throws CliError 64. */
export const parsePlace = (text: string, option: string): Place =>
  readPlace(text) ?? notA("host:port or unix:<path>", text, option);

function notA(expected: string, text: string, option: string): never {
  throw new CliError(ExitCode.usage, `${option} ${text}: expected ${expected}`);
}

/** Why a port cannot be listened on yet: another program holds it, or the machine has not got the address. */
export type Obstacle = "taken" | "no-address";

const obstacles: Readonly<Record<string, Obstacle>> = { EADDRINUSE: "taken", EADDRNOTAVAIL: "no-address" };

/**
 * Listens as soon as it can: an Owncast that holds the port keeps it until its stream has ended, and an address may come later than
 * the gate. `onObstacle` is called when it cannot yet, once for each reason. Throws CliError 1 for anything else.
 */
export async function listenWhenFree(
  server: Server,
  { host, port }: HostPort,
  { signal, onObstacle }: { signal: AbortSignal; onObstacle: (obstacle: Obstacle) => void },
): Promise<void> {
  let place: HostPort = { host, port };
  const told = new Set<Obstacle>();
  for (;;) {
    try {
      return await listen(server, place);
    } catch (error) {
      const code = codeOf(error);
      // A machine without IPv6.
      if (place.host === "::" && (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL")) {
        place = { host: "0.0.0.0", port };
        continue;
      }
      const obstacle = obstacles[code];
      if (obstacle === undefined)
        throw cannotListen(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`, error as Error);
      if (!told.has(obstacle)) onObstacle(obstacle);
      told.add(obstacle);
    }
    await sleep(retryMs, undefined, { signal });
  }
}
