import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { converse, type RtmpConnection } from "./rtmp-connection.ts";
import { controlChannel, largestChunkBytes, numberMessage, rtmpType } from "./rtmp-messages.ts";
import { answerLimits } from "./rtmp-reader.ts";

/** The one version of RTMP without encryption. */
export const rtmpVersion = 3;
/** Each side sends so many bytes behind its version, and so many more as its answer. */
export const handshakeBytes = 1536;
const stalledAfterMs = 15_000;

/** Connects by TCP. Rejects with Node's own error. */
export async function dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, "connect", { signal });
    // Whoever reads or writes is told; an error that comes at another moment must not bring the process down.
    return socket.on("error", () => {});
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Shakes hands on a connected socket. Rejects when the other side is not RTMP or the socket is destroyed. */
export async function openRtmp(socket: Socket): Promise<RtmpConnection> {
  socket.write(Buffer.concat([Buffer.from([rtmpVersion]), randomBytes(handshakeBytes).fill(0, 0, 8)]));
  const early = "it closed the connection during the handshake";
  const [version] = await readExactly(socket, 1, early);
  if (version !== rtmpVersion) throw new Error("its answer is not RTMP");
  const answer = await readExactly(socket, 2 * handshakeBytes, early);
  socket.write(answer.subarray(0, handshakeBytes));
  const connection = converse(socket, {
    limits: { ...answerLimits, waitingBytes: 1024 * 1024, totalBytes: Number.POSITIVE_INFINITY },
    // Only answers are waited for.
    heeds: [rtmpType.command],
    endedBy: "the server",
    stalledAfterMs,
  });
  await connection.send(numberMessage(rtmpType.setChunkSize, largestChunkBytes), controlChannel);
  return connection;
}

/** The next bytes of a socket that nobody else reads, exactly so many. Rejects when the socket ends before, with these words if it was closed. */
export async function readExactly(socket: Socket, length: number, ifClosed: string): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes?.length === length) return bytes;
    if (bytes || socket.readableEnded || socket.destroyed) throw socket.errored ?? new Error(ifClosed);
    await readable(socket);
  }
}

/** Resolves when there may be more to read, or when the socket has ended or failed. */
function readable(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const events = ["readable", "end", "error", "close"] as const;
    const go = () => {
      for (const event of events) socket.off(event, go);
      resolve();
    };
    for (const event of events) socket.on(event, go);
  });
}
