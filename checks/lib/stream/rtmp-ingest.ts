import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type AmfValue, decodeAmf, encodeAmf } from "../../../src/media/rtmp/amf0.ts";
import { defaultChunkBytes, encodeMessage, type RtmpMessage, rtmpType } from "../../../src/media/rtmp/rtmp-messages.ts";
import { MessageReader } from "../../../src/media/rtmp/rtmp-reader.ts";

/** How a server for tests responds to a publisher. */
export interface IngestBehaviour {
  /** How it refuses: `close` like Owncast, `status` with a reason like other servers, `silent` never responds. */
  readonly refuses?: "close" | "status" | "silent";
  /** Closes the connection after this many frames. */
  readonly closesAfter?: number;
}

/** A server for tests that speaks as much RTMP as a publisher needs. */
export interface TestIngest {
  readonly port: number;
  /** Names of the received commands, in order. */
  readonly commands: string[];
  /** The requested stream names. */
  readonly streamKeys: string[];
  pictures(): number;
  close(): void;
}

const handshakeBytes = 1536;

/** Starts it, on a free port unless one is given. */
export async function startIngest(behaviour: IngestBehaviour = {}, port = 0): Promise<TestIngest> {
  const seen = { commands: [] as string[], streamKeys: [] as string[], pictures: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket, behaviour, seen).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ...seen,
    pictures: () => seen.pictures,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function serve(
  socket: Socket,
  { refuses, closesAfter = Number.POSITIVE_INFINITY }: IngestBehaviour,
  seen: { commands: string[]; streamKeys: string[]; pictures: number },
): Promise<void> {
  let waiting: Buffer = Buffer.alloc(0);
  let greeted = false;
  const reader = new MessageReader();
  const answer = (...values: AmfValue[]) =>
    socket.write(
      encodeMessage(
        { type: rtmpType.command, streamId: 0, timestampMs: 0, payload: encodeAmf(...values) },
        3,
        defaultChunkBytes,
      ),
    );
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    if (refuses === "silent") continue;
    waiting = Buffer.concat([waiting, bytes]);
    if (!greeted && waiting.length >= 1 + handshakeBytes) {
      greeted = true;
      const own = randomBytes(handshakeBytes);
      socket.write(Buffer.concat([Buffer.from([3]), own, waiting.subarray(1, 1 + handshakeBytes)]));
      waiting = waiting.subarray(1 + handshakeBytes);
    }
    // The publisher's second half of the handshake comes before its first message.
    if (!greeted || waiting.length < handshakeBytes) continue;
    const messages = reader.push(waiting.subarray(handshakeBytes));
    waiting = waiting.subarray(0, handshakeBytes);
    for (const message of messages) {
      if (message.type === rtmpType.video && message.payload[1] === 1 && ++seen.pictures >= closesAfter)
        socket.destroy();
      if (message.type === rtmpType.command) obey(message, refuses, seen, answer, socket);
    }
  }
}

function obey(
  { payload }: RtmpMessage,
  refuses: IngestBehaviour["refuses"],
  seen: { commands: string[]; streamKeys: string[] },
  answer: (...values: AmfValue[]) => void,
  socket: Socket,
): void {
  const [name, transaction, , key] = decodeAmf(payload);
  seen.commands.push(String(name));
  if (name === "connect") answer("_result", transaction, {}, { code: "NetConnection.Connect.Success" });
  if (name === "createStream") answer("_result", transaction, null, 1);
  if (name !== "publish") return;
  seen.streamKeys.push(String(key));
  if (refuses === "close") socket.end();
  else if (refuses === "status")
    answer("onStatus", 0, null, { level: "error", code: "NetStream.Publish.BadName", description: `no stream ${key}` });
  else answer("onStatus", 0, null, { level: "status", code: "NetStream.Publish.Start" });
}
