import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Below the ports that the kernel lends to outgoing connections (from 32768 on, unless somebody changed it): one of
// those can be taken by any connection, between being found free and being listened on.
const first = 20_000;
const count = 12_000;
let next = Math.floor(Math.random() * count);

/** A port of 127.0.0.1 that nobody listens on at the moment, and that no other process of Lectern's gets while this one runs. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries++) {
    const port = first + (next++ % count);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`no port from ${first} to ${first + count - 1} is free`);
}

/**
 * Between being found and being listened on, a port is held by a name that only one process of this network namespace can
 * have. Resolves to false if another one has it.
 */
export async function reserve(port: number): Promise<boolean> {
  // The null byte makes it a name of the kernel's, which is gone with this process.
  const name = createServer().listen(`\0lectern-port-${port}`).unref();
  try {
    await once(name, "listening");
    return true;
  } catch (error) {
    // Only Linux knows such names.
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
