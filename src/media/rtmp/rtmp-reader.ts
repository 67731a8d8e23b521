import { type ChunkFields, ChunkHeader } from "./rtmp-chunk-header.ts";
import { defaultChunkBytes, type RtmpMessage, rtmpType } from "./rtmp-messages.ts";

/** Limits for the memory that the other side can cause. */
export interface ReaderLimits {
  readonly messageBytes: number;
  /** Of all unfinished messages together. */
  readonly partialBytes: number;
}

/** Far more than any server's response. A longer message means that the bytes are not RTMP. */
export const answerLimits = { messageBytes: 4 * 1024 * 1024, partialBytes: 8 * 1024 * 1024 } as const;

// Cameras and servers use three to five; Owncast has the same limit.
const mostChannels = 16;
// The specification's limit. Some cameras announce it, so that each message, which has a limit of its own, is one chunk.
const mostChunkBytes = 0x7fffffff;
const firstBodyBytes = 4096;

/** The bytes are not RTMP, or exceed the limits. */
export class RtmpFault extends Error {
  override readonly name = "RtmpFault";
  constructor(what: string) {
    super(`what it sends is not RTMP: ${what}`);
  }
}

/** A chunk stream: the fields of its last header, and its message so far. */
interface Channel extends ChunkFields {
  body: Buffer;
  filled: number;
  isUnfinished: boolean;
}

const nothing = Buffer.alloc(0);

/**
 * Reads messages from bytes that arrive in pieces of any size. Follows the peer's chunk size and aborts. Memory grows with the
 * bytes that have arrived, not with the lengths that the peer announces.
 */
export class MessageReader {
  #limits: ReaderLimits;
  #chunkBytes = defaultChunkBytes;
  readonly #channels = new Map<number, Channel>();
  /** Bytes of all unfinished messages. */
  #partialBytes = 0;
  readonly #header = new ChunkHeader((number) => this.#channels.get(number)?.extended !== undefined);
  /** The chunk stream of the current chunk, and how many bytes of the chunk are missing. */
  #channel: Channel | undefined;
  #missing = 0;

  constructor(limits: ReaderLimits = answerLimits) {
    this.#limits = limits;
  }

  /** Sets new limits. */
  allow(limits: ReaderLimits): void {
    this.#limits = limits;
  }

  /** The messages that these bytes complete. Throws RtmpFault; the reader cannot be used after that. */
  push(bytes: Buffer): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    this.#read(bytes, messages);
    return messages;
  }

  #read(bytes: Buffer, messages: RtmpMessage[]): void {
    let at = 0;
    for (;;) {
      if (!this.#channel) {
        at = this.#header.take(bytes, at);
        if (!this.#header.isComplete) return;
        this.#beginChunk(messages);
        continue;
      }
      const size = Math.min(this.#missing, bytes.length - at);
      this.#take(this.#channel, bytes, at, size);
      at += size;
      this.#missing -= size;
      if (this.#missing > 0) return;
      this.#endChunk(this.#channel, messages);
    }
  }

  /** The header is complete. */
  #beginChunk(messages: RtmpMessage[]): void {
    const { format, number } = this.#header;
    const known = this.#channels.get(number);
    if (!known && format !== 0) throw new RtmpFault(`a chunk refers to an earlier chunk that does not exist`);
    if (!known && this.#channels.size >= mostChannels) throw new RtmpFault(`more than ${mostChannels} chunk streams`);
    if (known?.isUnfinished && format !== 3) throw new RtmpFault("a message begins within another");
    const channel = known ?? newChannel();
    if (!known) this.#channels.set(number, channel);
    const unread = format === 3 ? this.#header.notTimestamp(channel.extended) : nothing;
    if (format !== 3) this.#header.writeTo(channel);
    if (!channel.isUnfinished) this.#beginMessage(channel, format);
    this.#header.clear();
    this.#channel = channel;
    this.#missing = Math.min(this.#chunkBytes, channel.length - channel.filled);
    if (unread.length > 0) this.#read(unread, messages);
  }

  #beginMessage(channel: Channel, format: number): void {
    const most = this.#limits.messageBytes;
    if (channel.length > most) throw new RtmpFault(`a message of ${channel.length} bytes; the limit is ${most}`);
    if (format !== 0) channel.timestampMs = (channel.timestampMs + channel.deltaMs) % 2 ** 32;
    channel.isUnfinished = true;
    channel.filled = 0;
    channel.body = Buffer.allocUnsafe(Math.min(channel.length, firstBodyBytes));
  }

  #take(channel: Channel, bytes: Buffer, at: number, size: number): void {
    if (size === 0) return;
    const filled = channel.filled + size;
    this.#partialBytes += size;
    if (this.#partialBytes > this.#limits.partialBytes)
      throw new RtmpFault(`more than ${this.#limits.partialBytes} bytes of unfinished messages`);
    if (filled > channel.body.length) {
      const larger = Buffer.allocUnsafe(Math.min(channel.length, Math.max(filled, 2 * channel.body.length)));
      channel.body.copy(larger, 0, 0, channel.filled);
      channel.body = larger;
    }
    bytes.copy(channel.body, channel.filled, at, at + size);
    channel.filled = filled;
  }

  #endChunk(channel: Channel, messages: RtmpMessage[]): void {
    this.#channel = undefined;
    if (channel.filled < channel.length) return;
    const { type, streamId, timestampMs, body: payload } = channel;
    this.#drop(channel);
    if (type === rtmpType.setChunkSize) this.#setChunkSize(payload);
    else if (type === rtmpType.abort) this.#abort(payload);
    messages.push({ type, streamId, timestampMs, payload });
  }

  /** Forgets an unfinished message. */
  #drop(channel: Channel): void {
    this.#partialBytes -= channel.filled;
    channel.isUnfinished = false;
    channel.filled = 0;
    channel.body = nothing;
  }

  #setChunkSize(payload: Buffer): void {
    const size = payload.length === 4 ? payload.readUInt32BE(0) : 0;
    if (size < 1 || size > mostChunkBytes)
      throw new RtmpFault(`chunks of ${size} bytes; the limits are 1 and ${mostChunkBytes}`);
    this.#chunkBytes = size;
  }

  #abort(payload: Buffer): void {
    if (payload.length !== 4) throw new RtmpFault("an abort that names no chunk stream");
    const channel = this.#channels.get(payload.readUInt32BE(0));
    if (channel?.isUnfinished) this.#drop(channel);
  }
}

const newChannel = (): Channel => ({
  ...{ extended: undefined, deltaMs: 0, timestampMs: 0, length: 0, type: 0, streamId: 0 },
  ...{ body: nothing, filled: 0, isUnfinished: false },
});
