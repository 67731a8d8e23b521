import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Below the kernel's range for outgoing connections (32768 and up by default): any connection could take a port of that
// range after it was found free and before it is listened on.
const first = 20_000;
const count = 12_000;
let next = Math.floor(Math.random() * count);

/** A free port of 127.0.0.1. No other process of Lectern gets the same one while this process runs. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries++) {
    const port = first + (next++ % count);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`no port from ${first} to ${first + count - 1} is free`);
}

/**
 * Reserves a port until this process ends, by a name that only one process of this network namespace can have. Resolves to
 * false if another process has it.
 */
export async function reserve(port: number): Promise<boolean> {
  // The null byte makes it an abstract socket, which the kernel removes with this process.
  const name = createServer().listen(`\0lectern-port-${port}`).unref();
  try {
    await once(name, "listening");
    return true;
  } catch (error) {
    // Only Linux has such names.
    return (error as NodeJS.ErrnoException).code !== "EADDRINUSE";
  }
}

/** Whether 127.0.0.1:`port` can be listened on at the moment. */
export async function isFree(port: number): Promise<boolean> {
  try {
    const server = await listen(port);
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}

/** Listens on 127.0.0.1. Rejects with the system's error (EADDRINUSE …). */
export async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
