/** A tag of an FLV stream: sound, video or metadata. RTMP carries the same. */
export interface FlvTag {
  readonly type: number;
  /** Ms since the start of the stream. */
  readonly timestampMs: number;
  readonly data: Buffer;
}

/** The types of tags, which RTMP's messages share. */
export const flvType = { audio: 8, video: 9, script: 18 } as const;

const headerBytes = 9;
const tagHeaderBytes = 11;
const trailerBytes = 4;

/** Whether a tag holds a coded frame, and not only the decoder's configuration. */
export const isFrame = ({ type, data }: FlvTag): boolean => type === flvType.video && data[1] === 1;

/** The bytes of an FLV file that holds these tags. */
export function encodeFlv(tags: readonly FlvTag[]): Buffer {
  const hasKind = (kind: number) => tags.some(({ type }) => type === kind);
  const header = Buffer.from("FLV\x01\0\0\0\0\x09\0\0\0\0", "latin1");
  header[4] = (hasKind(flvType.audio) ? 4 : 0) | (hasKind(flvType.video) ? 1 : 0);
  const parts = tags.flatMap(({ type, timestampMs, data }) => {
    const head = Buffer.alloc(tagHeaderBytes);
    head[0] = type;
    head.writeUIntBE(data.length, 1, 3);
    head.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
    head[7] = Math.floor(timestampMs / 2 ** 24) % 256;
    const trailer = Buffer.alloc(trailerBytes);
    trailer.writeUInt32BE(tagHeaderBytes + data.length);
    return [head, data, trailer];
  });
  return Buffer.concat([header, ...parts]);
}

/** Reads an FLV stream that arrives in pieces of any size. */
export class FlvReader {
  #pending: Buffer = Buffer.alloc(0);
  #started = false;

  /** The tags that these bytes complete. Throws if the stream is not FLV. */
  push(bytes: Buffer): FlvTag[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    if (!this.#started && !this.#readHeader()) return [];
    const tags: FlvTag[] = [];
    for (let tag = this.#readTag(); tag; tag = this.#readTag()) tags.push(tag);
    return tags;
  }

  #readHeader(): boolean {
    if (this.#pending.length < headerBytes + trailerBytes) return false;
    if (this.#pending.toString("latin1", 0, 3) !== "FLV") throw new Error("the encoder's output is not FLV");
    this.#pending = this.#pending.subarray(headerBytes + trailerBytes);
    this.#started = true;
    return true;
  }

  #readTag(): FlvTag | undefined {
    const bytes = this.#pending;
    if (bytes.length < tagHeaderBytes) return undefined;
    const end = tagHeaderBytes + bytes.readUIntBE(1, 3);
    if (bytes.length < end + trailerBytes) return undefined;
    this.#pending = bytes.subarray(end + trailerBytes);
    return {
      type: bytes[0]! & 0x1f,
      // The timestamp's highest byte follows its lower three.
      timestampMs: bytes[7]! * 2 ** 24 + bytes.readUIntBE(4, 3),
      data: Buffer.from(bytes.subarray(tagHeaderBytes, end)),
    };
  }
}
