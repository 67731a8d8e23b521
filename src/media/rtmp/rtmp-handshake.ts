import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { converse, type RtmpConnection } from "./rtmp-connection.ts";
import { controlChannel, numberMessage, rtmpType, sentChunkBytes } from "./rtmp-messages.ts";
import { answerLimits } from "./rtmp-reader.ts";

/** The one version of RTMP without encryption. */
export const rtmpVersion = 3;
/** Each side sends so many bytes behind its version, and so many more as its answer. */
export const handshakeBytes = 1536;
// An encoder that is slower than live takes what it is sent late, and no less.
const stalledAfterMs = 60_000;

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
  const bytes = new HandshakeBytes(socket);
  const [version] = await bytes.take(1);
  if (version !== rtmpVersion) throw new Error("its answer is not RTMP");
  const answer = await bytes.take(2 * handshakeBytes);
  bytes.release();
  socket.write(answer.subarray(0, handshakeBytes));
  const connection = converse(socket, {
    limits: { ...answerLimits, waitingBytes: 1024 * 1024, totalBytes: Number.POSITIVE_INFINITY },
    // Only answers are waited for.
    heeds: [rtmpType.command],
    endedBy: "the server",
    stalledAfterMs,
  });
  await connection.send(numberMessage(rtmpType.setChunkSize, sentChunkBytes), controlChannel);
  return connection;
}

/** The bytes of a handshake: reads exactly so many from a socket that nobody else reads until `release`. */
export class HandshakeBytes {
  readonly #socket: Socket;
  #wake = () => {};
  readonly #moved = () => this.#wake();

  constructor(socket: Socket) {
    this.#socket = socket;
    // Once for all reads: a listener that is added while some bytes wait is called at once, again and again.
    for (const event of movements) socket.on(event, this.#moved);
  }

  /** Rejects when the socket ends or fails before. */
  async take(length: number): Promise<Buffer> {
    const socket = this.#socket;
    for (;;) {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes?.length === length) return bytes;
      if (bytes || socket.readableEnded || socket.destroyed)
        throw socket.errored ?? new Error("it closed the connection during the handshake");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What follows is left to others. */
  release(): void {
    for (const event of movements) this.#socket.off(event, this.#moved);
  }
}

const movements = ["readable", "end", "error", "close"] as const;
