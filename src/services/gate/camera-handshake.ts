import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { AmfFault, type AmfValue, decodeAmf, encodeAmf, readAmf } from "../../media/rtmp/amf0.ts";
import { converse, type RtmpConnection } from "../../media/rtmp/rtmp-connection.ts";
import { HandshakeBytes, handshakeBytes, rtmpVersion } from "../../media/rtmp/rtmp-handshake.ts";
import {
  controlChannel,
  controlMessage,
  numberMessage,
  type RtmpMessage,
  rtmpType,
  sentChunkBytes,
} from "../../media/rtmp/rtmp-messages.ts";
import { RtmpFault } from "../../media/rtmp/rtmp-reader.ts";
import { rtmpApplication } from "../../media/rtmp/rtmp-target.ts";
import { beforePublish, mostCommands } from "./limits.ts";
import { Refusal, type StatusCode } from "./refusal.ts";

const channels = { control: controlChannel, connection: 3, stream: 5 } as const;
const windowBytes = 2_500_000;
const encryptedVersion = 6;
const theStream = 1;
const stalledAfterMs = 10_000;

/** The commands that end a stream. */
export const goodbyes: readonly string[] = ["FCUnpublish", "deleteStream", "closeStream"];

/** A camera that sent `publish`. */
export interface Camera {
  readonly connection: RtmpConnection;
  /** The rest of the URL after the application's name: empty, or the beginning of the key. */
  readonly path: string;
  /** The stream's name: the key. */
  readonly name: string;
  /** Tells the camera to send its stream. */
  accept(): Promise<void>;
  /** Tells the camera why it is refused or ended, and closes the connection. */
  refuse(code: StatusCode, description: string): Promise<void>;
}

/** Does the RTMP handshake and answers commands until `publish`. Rejects with a Refusal, an RtmpFault or the connection's error. */
export async function awaitPublish(socket: Socket): Promise<Camera> {
  const connection = await shakeHands(socket);
  const respond = (streamId: number, ...values: AmfValue[]) => {
    const channel = streamId === 0 ? channels.connection : channels.stream;
    const payload = encodeAmf(...values);
    return connection.send({ type: rtmpType.command, streamId, timestampMs: 0, payload }, channel);
  };
  let path: string | undefined;
  for (let messages = 0; messages < mostCommands; messages++) {
    const message = await connection.receive();
    const { name, transaction, values } = readCommand(message);
    if (path === undefined) {
      if (name !== "connect") throw new Refusal("not-rtmp", "its first command is not connect");
      await connection.send(numberMessage(rtmpType.setChunkSize, sentChunkBytes), channels.control);
      path = pathOf(values[0]);
      if (path === undefined) {
        const wrong = `this server has one application, ${rtmpApplication}: publish to rtmp://HOST/${rtmpApplication}`;
        const code = "NetConnection.Connect.InvalidApp";
        await respond(0, "_error", transaction, null, { level: "error", code, description: wrong });
        await connection.end();
        throw new Refusal("wrong-application", wrong, code);
      }
      await sayConnected(connection, () =>
        respond(
          0,
          "_result",
          transaction,
          { fmsVer: "FMS/3,0,1,123", capabilities: 31 },
          {
            level: "status",
            code: "NetConnection.Connect.Success",
            description: "connected",
            objectEncoding: 0,
          },
        ),
      );
    } else if (name === "createStream") await respond(0, "_result", transaction, null, theStream);
    else if (name === "play" || name === "play2") {
      const description = "this server takes publishers only: watch the stream on its page";
      await respond(theStream, "onStatus", 0, null, { level: "error", code: "NetStream.Play.Failed", description });
      await connection.end();
      throw new Refusal("not-a-publisher", "it asks to play a stream", "NetStream.Play.Failed");
    } else if (name === "publish") {
      const [, streamName = ""] = values;
      if (typeof streamName !== "string") throw new Refusal("not-rtmp", "it publishes without a name");
      // Some cameras send media at once. Nothing more is read until the key is checked.
      connection.pause();
      const streamId = message.streamId || theStream;
      return cameraOf(connection, path, streamName, (info) => respond(streamId, "onStatus", 0, null, info));
    }
    // Other commands, such as releaseStream and FCPublish, need no response. Owncast sends none either.
  }
  throw new Refusal("not-rtmp", "it sends a lot of data and does not publish");
}

async function shakeHands(socket: Socket): Promise<RtmpConnection> {
  const bytes = new HandshakeBytes(socket);
  const [version] = await bytes.take(1);
  if (version === encryptedVersion) throw new Refusal("not-rtmp", "it wants encrypted RTMP (RTMPE)");
  if (version !== rtmpVersion) throw new Refusal("not-rtmp", "what it sends is not RTMP");
  const theirs = await bytes.take(handshakeBytes);
  const own = randomBytes(handshakeBytes).fill(0, 0, 8);
  socket.write(Buffer.concat([Buffer.from([rtmpVersion]), own, theirs]));
  await bytes.take(handshakeBytes);
  bytes.release();
  const { command, commandAmf3, audio, video, data, dataAmf3, aggregate } = rtmpType;
  return converse(socket, {
    limits: beforePublish,
    heeds: [command, commandAmf3, audio, video, data, dataAmf3, aggregate],
    endedBy: "the camera",
    acknowledgeBytes: windowBytes,
    stalledAfterMs,
  });
}

async function sayConnected(connection: RtmpConnection, result: () => Promise<void>): Promise<void> {
  await connection.send(numberMessage(rtmpType.windowAckSize, windowBytes), channels.control);
  const bandwidth = Buffer.alloc(5);
  bandwidth.writeUInt32BE(windowBytes);
  bandwidth[4] = 2;
  await connection.send(controlMessage(rtmpType.setPeerBandwidth, bandwidth), channels.control);
  await result();
}

function cameraOf(
  connection: RtmpConnection,
  path: string,
  name: string,
  status: (info: { level: string; code: string; description: string }) => Promise<void>,
): Camera {
  return {
    ...{ connection, path, name },
    accept: () => status({ level: "status", code: "NetStream.Publish.Start", description: "the stream may flow" }),
    async refuse(code, description) {
      await status({ level: "error", code, description }).catch(() => {});
      await connection.end();
    },
  };
}

/** A command; `values` are its object and its arguments. */
export interface Command {
  readonly name: string;
  readonly transaction: number;
  readonly values: readonly AmfValue[];
}

/** Reads a command. Throws RtmpFault. */
export function readCommand({ type, payload }: RtmpMessage): Command {
  if (type !== rtmpType.command && type !== rtmpType.commandAmf3) throw new RtmpFault("media before it has published");
  const [name, transaction, ...values] = readValues(payload, type === rtmpType.commandAmf3);
  if (typeof name !== "string" || typeof transaction !== "number") throw new RtmpFault("a command without a name");
  return { name, transaction, values };
}

/** The name of a command during a stream; undefined for an unreadable one, which must not end the stream. */
export function commandName({ type, payload }: RtmpMessage): string | undefined {
  const [name] = decodeAmf(type === rtmpType.commandAmf3 ? payload.subarray(1) : payload);
  return typeof name === "string" ? name : undefined;
}

/** The values of a message. AMF3 commands hold AMF0 too, after a zero byte. Throws RtmpFault. */
function readValues(payload: Buffer, isAmf3: boolean): AmfValue[] {
  if (isAmf3 && payload[0] !== 0) throw new RtmpFault("values in AMF3");
  try {
    return readAmf(isAmf3 ? payload.subarray(1) : payload);
  } catch (error) {
    if (error instanceof AmfFault) throw new RtmpFault(error.message);
    throw error;
  }
}

/** The text after the application's name; undefined for another application. */
function pathOf(about: AmfValue): string | undefined {
  if (typeof about !== "object" || about === null || Array.isArray(about)) return undefined;
  const { app } = about as { app?: AmfValue };
  if (typeof app !== "string") return undefined;
  const [plain = ""] = app.split("?", 1);
  const [first, ...rest] = plain.replace(/^\/+/, "").split("/");
  return first === rtmpApplication ? rest.join("/").replace(/\/+$/, "") : undefined;
}
