import { extendedTimestamp } from "./rtmp-messages.ts";

const messageHeaderBytes = [11, 7, 3, 0] as const;
const longestBytes = 3 + 11 + 4;
const nothing = Buffer.alloc(0);

/** The header fields of a chunk stream. A chunk's header sets all, some or none of them. */
export interface ChunkFields {
  /** The extended timestamp of the last header that had one. */
  extended: number | undefined;
  deltaMs: number;
  timestampMs: number;
  length: number;
  type: number;
  streamId: number;
}

/** Collects the bytes of one chunk's header, in pieces of any size. */
export class ChunkHeader {
  readonly #bytes = Buffer.alloc(longestBytes);
  readonly #isExtended: (number: number) => boolean;
  #filled = 0;
  #length = 1;

  /** `isExtended` says whether the last header of a chunk stream had an extended timestamp. */
  constructor(isExtended: (number: number) => boolean) {
    this.#isExtended = isExtended;
  }

  get isComplete(): boolean {
    return this.#filled === this.#length;
  }

  get format(): number {
    return this.#bytes[0]! >> 6;
  }

  /** The chunk stream's number. */
  get number(): number {
    const [first, second, third] = this.#bytes as unknown as [number, number, number];
    const short = first & 0x3f;
    return short === 0 ? 64 + second : short === 1 ? 64 + second + third * 256 : short;
  }

  /** Takes bytes from `start` until the header is complete or none are left. Returns the position after them. */
  take(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length && this.#filled < this.#length) {
      this.#bytes[this.#filled++] = bytes[at++]!;
      if (this.#filled === this.#length) this.#length = this.#lengthSoFar();
    }
    return at;
  }

  /**
   * Some senders repeat the extended timestamp in a chunk without fields, others leave it out. Returns the four bytes if they are
   * not the timestamp, and so belong to the body.
   */
  notTimestamp(extended: number | undefined): Buffer {
    if (extended === undefined) return nothing;
    const start = this.#basicLength;
    return this.#bytes.readUInt32BE(start) === extended ? nothing : Buffer.from(this.#bytes.subarray(start, start + 4));
  }

  /** Writes the fields that this header sets. */
  writeTo(fields: ChunkFields): void {
    const { format } = this;
    const start = this.#basicLength;
    const time = this.#bytes.readUIntBE(start, 3);
    const end = start + messageHeaderBytes[format as 0 | 1 | 2];
    fields.extended = time === extendedTimestamp ? this.#bytes.readUInt32BE(end) : undefined;
    const given = fields.extended ?? time;
    // A message without a timestamp after an absolute one has the same timestamp. Owncast and nginx read it so.
    fields.deltaMs = format === 0 ? 0 : given;
    if (format === 0) {
      fields.timestampMs = given;
      fields.streamId = this.#bytes.readUInt32LE(start + 7);
    }
    if (format > 1) return;
    fields.length = this.#bytes.readUIntBE(start + 3, 3);
    fields.type = this.#bytes[start + 6]!;
  }

  /** For the next chunk. */
  clear(): void {
    this.#filled = 0;
    this.#length = 1;
  }

  get #basicLength(): number {
    const short = this.#bytes[0]! & 0x3f;
    return short === 0 ? 2 : short === 1 ? 3 : 1;
  }

  /** The header's length, as far as the bytes so far tell. */
  #lengthSoFar(): number {
    const start = this.#basicLength;
    if (this.#filled < start) return start;
    const { format } = this;
    const end = start + messageHeaderBytes[format as 0 | 1 | 2 | 3];
    if (this.#filled < end) return end;
    const isExtended =
      format === 3 ? this.#isExtended(this.number) : this.#bytes.readUIntBE(start, 3) === extendedTimestamp;
    return end + (isExtended ? 4 : 0);
  }
}
