/** An RTMP message. On the wire it is cut into chunks. */
export interface RtmpMessage {
  readonly type: number;
  /** 0 for messages about the connection, else the stream's number. */
  readonly streamId: number;
  readonly timestampMs: number;
  readonly payload: Buffer;
}

/** The types of messages that cameras and servers send. */
export const rtmpType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** The size of chunks until one side announces another. */
export const defaultChunkBytes = 128;
/** The size of chunks that this side sends. Owncast, nginx and ffmpeg accept it. */
export const sentChunkBytes = 65_536;

/** The chunk stream of messages about the connection itself. */
export const controlChannel = 2;

/** A timestamp of this value means that the real one follows in four bytes. */
export const extendedTimestamp = 0xffffff;

/** Encodes a message on chunk stream `channel` (2 to 63), in chunks of `chunkBytes`. */
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

/** A message about the connection. */
export const controlMessage = (type: number, payload: Buffer): RtmpMessage => ({
  type,
  streamId: 0,
  timestampMs: 0,
  payload,
});

/** A message about the connection that carries one number. */
export function numberMessage(type: number, value: number): RtmpMessage {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return controlMessage(type, payload);
}
