import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A line with a bandwidth, which all of its connections share. */
export interface SlowLine {
  readonly stop: () => Promise<void>;
}

/**
 * Listens on `address` with the server's own port, and carries what the server sends with at most `mbps`. The server listens on
 * 127.0.0.1. A client is led here by `--resolve`.
 */
export async function startSlowLine(address: string, port: number, mbps: number): Promise<SlowLine> {
  const sockets = new Set<Socket>();
  let freeAtMs = 0;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      const now = performance.now();
      freeAtMs = Math.max(now, freeAtMs) + (chunk.length * 8) / (mbps * 1000);
      upstream.pause();
      setTimeout(() => {
        client.write(chunk);
        upstream.resume();
      }, freeAtMs - now);
    });
  });
  server.listen(port, address);
  await once(server, "listening");
  if ((server.address() as AddressInfo).port !== port) throw new Error("the line got another port");
  return {
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
