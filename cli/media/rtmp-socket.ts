import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { defaultChunkBytes, encodeMessage, MessageReader, type RtmpMessage, rtmpType } from "./rtmp-messages.ts";

const version = 3;
const handshakeBytes = 1536;
// Large chunks spare headers; Owncast, nginx and ffmpeg all take this size.
const ownChunkBytes = 65_536;
const controlChannel = 2;
const pingRequest = 6;
const pingResponse = 7;
const stalledAfterMs = 15_000;
const closesWithinMs = 1000;

/** An RTMP connection over TCP: shakes hands, sends messages, answers pings, hands on what arrives. */
export interface RtmpSocket {
  /** Resolves when it may go on sending: at once, or when the network has taken what waits. Rejects when the connection ends. */
  send(message: RtmpMessage, channel: number): Promise<void>;
  /** Resolves to the next message that is not the connection's own business. Rejects when the connection ends. */
  receive(): Promise<RtmpMessage>;
  /** Rejects when the connection ends; never resolves. */
  readonly lost: Promise<never>;
  /** Sends what waits, then ends the connection; resolves when it is closed, after a second at most. */
  end(): Promise<void>;
  destroy(): void;
}

/** Connects by TCP. Rejects with Node's own error. */
export async function dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, "connect", { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Shakes hands on a connected socket. Rejects when the other side is not RTMP or the socket is destroyed. */
export async function openRtmp(socket: Socket): Promise<RtmpSocket> {
  const pieces = socket.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  const first = randomBytes(handshakeBytes).fill(0, 0, 8);
  socket.write(Buffer.concat([Buffer.from([version]), first]));
  let received: Buffer = Buffer.alloc(0);
  while (received.length < 1 + 2 * handshakeBytes) {
    const { value, done } = await pieces.next();
    if (done) throw new Error("it closed the connection during the handshake");
    received = Buffer.concat([received, value]);
    if (received[0] !== version) throw new Error("its answer is not RTMP");
  }
  socket.write(received.subarray(1, 1 + handshakeBytes));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(ownChunkBytes);
  socket.write(encodeMessage(control(rtmpType.setChunkSize, size), controlChannel, defaultChunkBytes));
  return converse(socket, pieces, received.subarray(1 + 2 * handshakeBytes));
}

const control = (type: number, payload: Buffer): RtmpMessage => ({ type, streamId: 0, timestampMs: 0, payload });

function converse(socket: Socket, pieces: AsyncIterableIterator<Buffer>, rest: Buffer): RtmpSocket {
  const { inbox, lost } = listen(socket, pieces, rest);
  lost.catch(() => socket.destroy());
  // What goes wrong reaches `lost`; an error after its end must not bring the process down.
  socket.on("error", () => {});
  return {
    lost,
    async send(message, channel) {
      if (socket.destroyed) return lost;
      if (!socket.write(encodeMessage(message, channel, ownChunkBytes))) await drained(socket);
      if (socket.destroyed) return lost;
    },
    async receive() {
      for (;;) {
        const message = inbox.messages.shift();
        if (message) return message;
        await Promise.race([new Promise<void>((resolve) => (inbox.wake = resolve)), lost]);
      }
    },
    async end() {
      if (socket.closed) return;
      const closed = once(socket, "close");
      const patience = setTimeout(() => socket.destroy(), closesWithinMs);
      socket.end();
      await closed;
      clearTimeout(patience);
    },
    destroy: () => void socket.destroy(),
  };
}

/** Answers that have come, and what to call when another comes. */
interface Inbox {
  readonly messages: RtmpMessage[];
  wake: () => void;
}

/** Reads until the connection ends, which rejects `lost`. */
function listen(
  socket: Socket,
  pieces: AsyncIterableIterator<Buffer>,
  rest: Buffer,
): { inbox: Inbox; lost: Promise<never> } {
  const inbox: Inbox = { messages: [], wake: () => {} };
  const take = (messages: readonly RtmpMessage[]) => {
    for (const message of messages) {
      const { type, payload } = message;
      if (type === rtmpType.userControl && payload.readUInt16BE(0) === pingRequest) answerPing(socket, payload);
      // Only answers are waited for; anything else would pile up.
      if (type === rtmpType.command) inbox.messages.push(message);
    }
    inbox.wake();
  };
  const read = async (): Promise<never> => {
    const reader = new MessageReader();
    take(reader.push(rest));
    for await (const piece of pieces) take(reader.push(piece));
    throw new Error("the server closed the connection");
  };
  return { inbox, lost: read() };
}

/** Resolves when what waits is sent, or when the connection has ended; a server that takes nothing for too long is given up. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => socket.destroy(new Error("the server takes no more data")), stalledAfterMs);
    const go = () => {
      clearTimeout(patience);
      socket.off("drain", go).off("close", go);
      resolve();
    };
    socket.on("drain", go).on("close", go);
  });
}

function answerPing(socket: Socket, request: Buffer): void {
  const payload = Buffer.from(request);
  payload.writeUInt16BE(pingResponse, 0);
  socket.write(encodeMessage(control(rtmpType.userControl, payload), controlChannel, ownChunkBytes));
}
