import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../../../src/lib/free-port.ts";

/** A line to a port of loopback that counts the bytes that come back. */
export interface CountingLine {
  readonly port: number;
  /** What has come back so far. */
  bytes(): number;
  /** Ends all connections, and refuses new ones. */
  cut(): void;
  /** Accepts connections again, and leads them to that port. */
  mend(target: number): Promise<void>;
  stop(): void;
}

/** `localAddress`: the address of loopback that the target sees; by default 127.0.0.1. */
export async function countingLine(target: number, localAddress = "127.0.0.1"): Promise<CountingLine> {
  const port = await freePort();
  const open = new Set<Socket>();
  let bytes = 0;
  let server: Server | undefined;
  const mend = async (to: number) => {
    server = createServer((socket) => {
      const far = connect({ port: to, host: "127.0.0.1", localAddress, noDelay: true });
      socket.setNoDelay(true);
      for (const one of [socket, far]) {
        open.add(one);
        one
          .on("error", () => {})
          .on("close", () => {
            open.delete(one);
            (one === far ? socket : far).destroy();
          });
      }
      far.on("data", (chunk) => {
        bytes += chunk.length;
      });
      socket.pipe(far).pipe(socket);
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const stop = () => void server?.close();
  await mend(target);
  return {
    port,
    bytes: () => bytes,
    cut() {
      stop();
      for (const one of open) one.destroy();
    },
    mend,
    stop,
  };
}
