import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type AmfValue, encodeAmf } from "../../../src/media/rtmp/amf0.ts";
import {
  defaultChunkBytes,
  encodeMessage,
  numberMessage,
  type RtmpMessage,
  rtmpType,
} from "../../../src/media/rtmp/rtmp-messages.ts";
import { MessageReader } from "../../../src/media/rtmp/rtmp-reader.ts";
import { readCommand } from "../../../src/services/gate/camera-handshake.ts";

const handshakeBytes = 1536;

/** A camera's messages as bytes, for tests that change them. */
export const wire = {
  /** A client's whole handshake. A client may send it without a wait for the server's part. */
  handshake: Buffer.concat([Buffer.from([3]), Buffer.alloc(8), Buffer.alloc(2 * handshakeBytes - 8, 7)]),
  message: (
    type: number,
    payload: Buffer,
    { streamId = 0, timestampMs = 0, channel = 3, chunkBytes = defaultChunkBytes } = {},
  ) => encodeMessage({ type, streamId, timestampMs, payload }, channel, chunkBytes),
  command: (...values: readonly AmfValue[]) => wire.message(rtmpType.command, encodeAmf(...values)),
  number: (type: number, value: number) => encodeMessage(numberMessage(type, value), 2, defaultChunkBytes),
  connect: (about: Readonly<Record<string, AmfValue>> = {}) =>
    wire.command("connect", 1, { app: "live", tcUrl: "rtmp://stage.test/live", flashVer: "FMLE/3.0", ...about }),
  createStream: () => wire.command("createStream", 4, null),
  publish: (key: AmfValue) => wire.command("publish", 5, null, key, "live"),
  /** Everything up to publish. */
  greeting: (key: AmfValue) => Buffer.concat([wire.handshake, wire.connect(), wire.createStream(), wire.publish(key)]),
  video: (bytes: number, timestampMs = 0) =>
    wire.message(rtmpType.video, Buffer.alloc(bytes, 0x17), { streamId: 1, timestampMs, channel: 6 }),
} as const;

/** A connection to a gate that sends a test's bytes. */
export interface RawCamera {
  readonly socket: Socket;
  send(...bytes: readonly Buffer[]): void;
  /** Commands that the gate has sent so far. */
  readonly answers: { readonly name: string; readonly values: readonly AmfValue[] }[];
  /** The code and description of each status so far. */
  statuses(): { readonly code: string; readonly description: string }[];
  /** Resolves when the gate has ended the connection. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects to a gate on loopback. */
export async function rawCamera(port: number, localAddress?: string): Promise<RawCamera> {
  const socket = connect({ port, host: "127.0.0.1", ...(localAddress !== undefined && { localAddress }) });
  socket.on("error", () => {});
  const answers: RawCamera["answers"] = [];
  const reader = new MessageReader();
  let skipped = 0;
  socket.on("data", (bytes: Buffer) => {
    const handshake = Math.min(bytes.length, 1 + 2 * handshakeBytes - skipped);
    skipped += handshake;
    for (const message of reader.push(bytes.subarray(handshake)))
      if (message.type === rtmpType.command) answers.push(answerOf(message));
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  return {
    ...{ socket, answers, closed },
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    statuses: () =>
      answers.flatMap(({ values }) => {
        const { code, description } = (values[1] ?? values[0] ?? {}) as { code?: string; description?: string };
        return code === undefined ? [] : [{ code, description: description ?? "" }];
      }),
    close: () => void socket.destroy(),
  };
}

function answerOf(message: RtmpMessage): RawCamera["answers"][number] {
  const { name, values } = readCommand(message);
  return { name, values };
}
