import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { converse, type RtmpConnection } from "./rtmp-connection.ts";
import { controlChannel, numberMessage, rtmpType, sentChunkBytes } from "./rtmp-messages.ts";
import { answerLimits } from "./rtmp-reader.ts";

/** The one version of RTMP without encryption. */
export const rtmpVersion = 3;
/** Each side sends so many bytes after its version, and as many again as its response. */
export const handshakeBytes = 1536;
// An encoder that is slower than live takes the data late, but takes it.
const stalledAfterMs = 60_000;

/** Connects by TCP. Rejects with Node's own error. */
export async function dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, "connect", { signal });
    // Reads and writes report errors; one at another moment must not end the process.
    return socket.on("error", () => {});
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Does the client's part of the handshake. Rejects if the server does not speak RTMP, or if the socket is destroyed. */
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
    // The server's responses; the rest is dropped.
    heeds: [rtmpType.command],
    endedBy: "the server",
    stalledAfterMs,
  });
  await connection.send(numberMessage(rtmpType.setChunkSize, sentChunkBytes), controlChannel);
  return connection;
}

/** Reads exact numbers of bytes from a socket. Nobody else may read it until `release`. */
export class HandshakeBytes {
  readonly #socket: Socket;
  #wake = () => {};
  readonly #moved = () => this.#wake();

  constructor(socket: Socket) {
    this.#socket = socket;
    // Added once: a new listener is called at once while bytes wait, so one for each read would loop.
    for (const event of movements) socket.on(event, this.#moved);
  }

  /** Rejects if the socket ends or fails first. */
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

  /** Leaves the rest to other readers. */
  release(): void {
    for (const event of movements) this.#socket.off(event, this.#moved);
  }
}

const movements = ["readable", "end", "error", "close"] as const;
