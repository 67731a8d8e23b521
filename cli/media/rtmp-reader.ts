import {
  defaultChunkBytes,
  extendedTimestamp,
  largestChunkBytes,
  type RtmpMessage,
  rtmpType,
} from "./rtmp-messages.ts";

/** What the other side may make this one hold. */
export interface ReaderLimits {
  readonly messageBytes: number;
  /** Of all unfinished messages together. */
  readonly partialBytes: number;
}

/** No answer of a server is near this; a length beyond it means that the bytes are not RTMP. */
export const answerLimits: ReaderLimits = { messageBytes: 4 * 1024 * 1024, partialBytes: 8 * 1024 * 1024 };

// Cameras and servers use three to five; Owncast takes as many.
const mostChannels = 16;
const firstBodyBytes = 4096;
const messageHeaderBytes = [11, 7, 3, 0] as const;
const longestHeaderBytes = 3 + 11 + 4;

/** The bytes are not RTMP, or want more than the limits. */
export class RtmpFault extends Error {
  override readonly name = "RtmpFault";
  constructor(what: string) {
    super(`what it sends is not RTMP: ${what}`);
  }
}

/** A chunk stream: the header fields of its last chunk, and what has come of its message. */
interface Channel {
  /** Of the last header that had one; kept while chunks refer to it. */
  extended: number | undefined;
  deltaMs: number;
  timestampMs: number;
  length: number;
  type: number;
  streamId: number;
  body: Buffer;
  filled: number;
  isUnfinished: boolean;
}

const nothing = Buffer.alloc(0);

/**
 * Takes what the other side sends in pieces of any size and gives its messages; follows its chunk size and its aborts.
 * The work is in proportion to the bytes, the memory to what has come and not to what is announced.
 */
export class MessageReader {
  #limits: ReaderLimits;
  #chunkBytes = defaultChunkBytes;
  readonly #channels = new Map<number, Channel>();
  /** Of all channels. */
  #partialBytes = 0;
  /** The header that is being read. */
  readonly #header = Buffer.alloc(longestHeaderBytes);
  #headerFilled = 0;
  /** The chunk that is being read, and how much of it is missing. */
  #channel: Channel | undefined;
  #missing = 0;

  constructor(limits: ReaderLimits = answerLimits) {
    this.#limits = limits;
  }

  /** From now on. */
  allow(limits: ReaderLimits): void {
    this.#limits = limits;
  }

  /** The messages that these bytes complete. Throws RtmpFault; nothing can be read any more after that. */
  push(bytes: Buffer): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    this.#read(bytes, messages);
    return messages;
  }

  #read(bytes: Buffer, messages: RtmpMessage[]): void {
    let at = 0;
    for (;;) {
      if (!this.#channel) {
        while (this.#headerFilled < this.#headerLength()) {
          if (at === bytes.length) return;
          this.#header[this.#headerFilled++] = bytes[at++]!;
        }
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

  get #format(): number {
    return this.#header[0]! >> 6;
  }

  get #basicLength(): number {
    const short = this.#header[0]! & 0x3f;
    return short === 0 ? 2 : short === 1 ? 3 : 1;
  }

  get #channelNumber(): number {
    const [first, second, third] = this.#header as unknown as [number, number, number];
    const short = first & 0x3f;
    return short === 0 ? 64 + second : short === 1 ? 64 + second + third * 256 : short;
  }

  /** How long the header is, as far as what has come of it tells. */
  #headerLength(): number {
    if (this.#headerFilled < 1) return 1;
    const start = this.#basicLength;
    const format = this.#format;
    const end = start + messageHeaderBytes[format as 0 | 1 | 2 | 3];
    if (this.#headerFilled < end) return end;
    const isExtended =
      format === 3
        ? this.#channels.get(this.#channelNumber)?.extended !== undefined
        : this.#header.readUIntBE(start, 3) === extendedTimestamp;
    return end + (isExtended ? 4 : 0);
  }

  /** The header is complete. */
  #beginChunk(messages: RtmpMessage[]): void {
    const format = this.#format;
    const number = this.#channelNumber;
    const known = this.#channels.get(number);
    if (!known && format !== 0) throw new RtmpFault(`a chunk refers to one before it, and there is none`);
    if (!known && this.#channels.size >= mostChannels) throw new RtmpFault(`more than ${mostChannels} chunk streams`);
    if (known?.isUnfinished && format !== 3) throw new RtmpFault("a message begins within another");
    const channel = known ?? newChannel();
    if (!known) this.#channels.set(number, channel);
    const unread = format === 3 ? this.#repeatedTimestamp(channel) : nothing;
    if (format !== 3) this.#readFields(channel, format);
    if (!channel.isUnfinished) this.#beginMessage(channel, format);
    this.#headerFilled = 0;
    this.#channel = channel;
    this.#missing = Math.min(this.#chunkBytes, channel.length - channel.filled);
    if (unread.length > 0) this.#read(unread, messages);
  }

  /**
   * A chunk without fields of its own may repeat the extended timestamp or leave it out: senders differ. Gives the four bytes
   * where they are something else.
   */
  #repeatedTimestamp({ extended }: Channel): Buffer {
    if (extended === undefined) return nothing;
    const start = this.#basicLength;
    return this.#header.readUInt32BE(start) === extended
      ? nothing
      : Buffer.from(this.#header.subarray(start, start + 4));
  }

  #readFields(channel: Channel, format: number): void {
    const start = this.#basicLength;
    const time = this.#header.readUIntBE(start, 3);
    const end = start + messageHeaderBytes[format as 0 | 1 | 2];
    channel.extended = time === extendedTimestamp ? this.#header.readUInt32BE(end) : undefined;
    const given = channel.extended ?? time;
    // What follows an absolute timestamp without one of its own has the same: as Owncast and nginx take it.
    channel.deltaMs = format === 0 ? 0 : given;
    if (format === 0) channel.timestampMs = given;
    if (format < 2) {
      channel.length = this.#header.readUIntBE(start + 3, 3);
      channel.type = this.#header[start + 6]!;
    }
    if (format === 0) channel.streamId = this.#header.readUInt32LE(start + 7);
  }

  #beginMessage(channel: Channel, format: number): void {
    const most = this.#limits.messageBytes;
    if (channel.length > most) throw new RtmpFault(`a message of ${channel.length} bytes; the most are ${most}`);
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

  /** Forgets what has come of a message. */
  #drop(channel: Channel): void {
    this.#partialBytes -= channel.filled;
    channel.isUnfinished = false;
    channel.filled = 0;
    channel.body = nothing;
  }

  #setChunkSize(payload: Buffer): void {
    const size = payload.length === 4 ? payload.readUInt32BE(0) : 0;
    if (size < 1 || size > largestChunkBytes)
      throw new RtmpFault(`chunks of ${size} bytes; the least is 1, the most are ${largestChunkBytes}`);
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
