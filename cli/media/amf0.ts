/** A value of AMF0, the notation of RTMP's commands. Types that no server's answer needs read as undefined and end the list. */
export type AmfValue = number | string | boolean | null | undefined | AmfObject;
/** Named values. */
export interface AmfObject {
  readonly [name: string]: AmfValue;
}

const marker = { number: 0, boolean: 1, string: 2, object: 3, null: 5, undefined: 6, ecmaArray: 8 } as const;
const objectEnd = Buffer.from([0, 0, 9]);

/** The bytes of values in a row. */
export const encodeAmf = (...values: readonly AmfValue[]): Buffer => Buffer.concat(values.map(encodeValue));

function encodeValue(value: AmfValue): Buffer {
  switch (typeof value) {
    case "number": {
      const bytes = Buffer.alloc(9);
      bytes[0] = marker.number;
      bytes.writeDoubleBE(value, 1);
      return bytes;
    }
    case "boolean":
      return Buffer.from([marker.boolean, value ? 1 : 0]);
    case "string":
      return Buffer.concat([Buffer.from([marker.string]), encodeName(value)]);
    case "undefined":
      return Buffer.from([marker.undefined]);
    default:
      return value === null ? Buffer.from([marker.null]) : encodeObject(value);
  }
}

function encodeObject(value: AmfObject): Buffer {
  const members = Object.entries(value).map(([name, member]) => Buffer.concat([encodeName(name), encodeValue(member)]));
  return Buffer.concat([Buffer.from([marker.object]), ...members, objectEnd]);
}

function encodeName(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The values in a row of bytes, up to the first that cannot be read. */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const values: AmfValue[] = [];
  const reader = new AmfReader(bytes);
  try {
    while (!reader.done) values.push(reader.value());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(): AmfValue {
    const type = this.#bytes.readUInt8(this.#skip(1));
    switch (type) {
      case marker.number:
        return this.#bytes.readDoubleBE(this.#skip(8));
      case marker.boolean:
        return this.#bytes.readUInt8(this.#skip(1)) !== 0;
      case marker.string:
        return this.#name();
      case marker.null:
        return null;
      case marker.undefined:
        return undefined;
      case marker.ecmaArray:
        this.#skip(4);
        return this.#object();
      case marker.object:
        return this.#object();
      default:
        throw new RangeError(`AMF0 type ${type} cannot be read`);
    }
  }

  #object(): AmfObject {
    const members: Record<string, AmfValue> = {};
    while (!this.#bytes.subarray(this.#at, this.#at + objectEnd.length).equals(objectEnd)) {
      const name = this.#name();
      members[name] = this.value();
    }
    this.#skip(objectEnd.length);
    return members;
  }

  #name(): string {
    const length = this.#bytes.readUInt16BE(this.#skip(2));
    const start = this.#skip(length);
    if (this.#at > this.#bytes.length) throw new RangeError("the text is cut off");
    return this.#bytes.toString("utf8", start, this.#at);
  }

  /** Moves on by so many bytes and gives the place before. */
  #skip(length: number): number {
    const before = this.#at;
    this.#at += length;
    return before;
  }
}
