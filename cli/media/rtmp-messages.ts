/** A message of RTMP: what both sides send each other, cut into chunks on the wire. */
export interface RtmpMessage {
  readonly type: number;
  /** 0 for the connection itself; the stream's number for what belongs to it. */
  readonly streamId: number;
  readonly timestampMs: number;
  readonly payload: Buffer;
}

/** The types of messages that a publisher sends or heeds. */
export const rtmpType = {
  setChunkSize: 1,
  userControl: 4,
  audio: 8,
  video: 9,
  data: 18,
  command: 20,
} as const;

/** The size of chunks until one side announces another. */
export const defaultChunkBytes = 128;

const extendedTimestamp = 0xffffff;
const headerBytes = [11, 7, 3, 0] as const;
// No answer of a server is near this; a length beyond it means that the bytes are not RTMP.
const maxMessageBytes = 4 * 1024 * 1024;

/** The bytes of a message on chunk stream `channel` (2 to 63), in chunks of `chunkBytes`. */
export function encodeMessage(message: RtmpMessage, channel: number, chunkBytes: number): Buffer {
  const { type, streamId, timestampMs, payload } = message;
  const timestamp = timestampMs >>> 0;
  const extended = Buffer.alloc(timestamp >= extendedTimestamp ? 4 : 0);
  if (extended.length > 0) extended.writeUInt32BE(timestamp);
  const header = Buffer.alloc(12);
  header[0] = channel;
  header.writeUIntBE(Math.min(timestamp, extendedTimestamp), 1, 3);
  header.writeUIntBE(payload.length, 4, 3);
  header[7] = type;
  header.writeUInt32LE(streamId, 8);
  const parts: Buffer[] = [header, extended, payload.subarray(0, chunkBytes)];
  for (let at = chunkBytes; at < payload.length; at += chunkBytes)
    parts.push(Buffer.from([0xc0 | channel]), extended, payload.subarray(at, at + chunkBytes));
  return Buffer.concat(parts);
}

interface Channel {
  timestampField: number;
  timestampMs: number;
  length: number;
  type: number;
  streamId: number;
  received: Buffer[];
  missing: number;
}

/** Takes what the other side sends in pieces of any size and gives its messages; follows its chunk size. */
export class MessageReader {
  #pending: Buffer = Buffer.alloc(0);
  #chunkBytes = defaultChunkBytes;
  readonly #channels = new Map<number, Channel>();

  /** The messages that these bytes complete. Throws when they are not RTMP. */
  push(bytes: Buffer): RtmpMessage[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const messages: RtmpMessage[] = [];
    for (let chunk = this.#readChunk(); chunk; chunk = this.#readChunk()) {
      if (chunk === "partial") continue;
      if (chunk.type === rtmpType.setChunkSize) this.#chunkBytes = Math.max(1, chunk.payload.readUInt32BE(0));
      messages.push(chunk);
    }
    return messages;
  }

  /** A finished message, "partial" for a chunk in its midst, undefined when bytes are missing. */
  #readChunk(): RtmpMessage | "partial" | undefined {
    const bytes = this.#pending;
    const basic = readBasicHeader(bytes);
    if (!basic) return undefined;
    const known = this.#channels.get(basic.channel);
    const header = readMessageHeader(bytes, basic.end, basic.format, known);
    if (!header) return undefined;
    if (header.channel.length > maxMessageBytes) throw new Error("the server's answer is not RTMP");
    const size = Math.min(this.#chunkBytes, header.channel.missing);
    if (bytes.length < header.end + size) return undefined;
    const { channel } = header;
    channel.received = [...channel.received, Buffer.from(bytes.subarray(header.end, header.end + size))];
    channel.missing -= size;
    this.#pending = bytes.subarray(header.end + size);
    this.#channels.set(basic.channel, channel);
    if (channel.missing > 0) return "partial";
    const { type, streamId, timestampMs, received } = channel;
    this.#channels.set(basic.channel, { ...channel, received: [], missing: 0 });
    return { type, streamId, timestampMs, payload: Buffer.concat(received) };
  }
}

function readBasicHeader(bytes: Buffer): { format: 0 | 1 | 2 | 3; channel: number; end: number } | undefined {
  if (bytes.length < 1) return undefined;
  const format = (bytes[0]! >> 6) as 0 | 1 | 2 | 3;
  const short = bytes[0]! & 0x3f;
  if (short > 1) return { format, channel: short, end: 1 };
  if (bytes.length < 2 + short) return undefined;
  const channel = 64 + bytes[1]! + (short === 1 ? bytes[2]! * 256 : 0);
  return { format, channel, end: 2 + short };
}

/** The header's fields over those of the channel's last message, in a copy: the chunk may still be incomplete. */
function readMessageHeader(
  bytes: Buffer,
  start: number,
  format: 0 | 1 | 2 | 3,
  known: Channel | undefined,
): { channel: Channel; end: number } | undefined {
  let end = start + headerBytes[format];
  if (bytes.length < end) return undefined;
  if (!known && format !== 0) throw new Error("the server's answer is not RTMP");
  const channel: Channel = known
    ? { ...known }
    : { timestampField: 0, timestampMs: 0, length: 0, type: 0, streamId: 0, received: [], missing: 0 };
  if (format < 3) channel.timestampField = bytes.readUIntBE(start, 3);
  if (format < 2) {
    channel.length = bytes.readUIntBE(start + 3, 3);
    channel.type = bytes[start + 6]!;
  }
  if (format < 1) channel.streamId = bytes.readUInt32LE(start + 7);
  let time = channel.timestampField;
  if (time === extendedTimestamp) {
    if (bytes.length < end + 4) return undefined;
    time = bytes.readUInt32BE(end);
    end += 4;
  }
  if (channel.missing === 0) {
    channel.timestampMs = format === 0 ? time : channel.timestampMs + time;
    channel.missing = channel.length;
  }
  return { channel, end };
}
