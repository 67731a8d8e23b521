/** A value of AMF0, the format of RTMP's commands. A date is read as its milliseconds, XML as its text. */
export type AmfValue = number | string | boolean | null | undefined | AmfObject | readonly AmfValue[];
/** Named values. */
export interface AmfObject {
  readonly [name: string]: AmfValue;
}

const marker = {
  ...{ number: 0, boolean: 1, string: 2, object: 3, null: 5, undefined: 6, ecmaArray: 8 },
  ...{ strictArray: 10, date: 11, longString: 12, unsupported: 13, xml: 15, typedObject: 16 },
} as const;
const objectEnd = Buffer.from([0, 0, 9]);
const shortText = 0xffff;

/** Limits of one message. Its length in bytes has a limit elsewhere. */
const most = {
  /** Values within values. A camera's `connect` is 2 deep. */
  depth: 8,
  /** Values in all. OBS' description of a stream has about 25. */
  values: 256,
} as const;

/** The bytes are not AMF0, are cut off, or exceed the limits. */
export class AmfFault extends Error {
  override readonly name = "AmfFault";
}

/** Encodes values, one after the other. */
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
      return encodeText(value);
    case "undefined":
      return Buffer.from([marker.undefined]);
    default:
      if (value === null) return Buffer.from([marker.null]);
      return isList(value) ? encodeList(value) : encodeObject(value);
  }
}

const isList = (value: AmfObject | readonly AmfValue[]): value is readonly AmfValue[] => Array.isArray(value);

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const isLong = bytes.length > shortText;
  const head = Buffer.alloc(isLong ? 5 : 3);
  head[0] = isLong ? marker.longString : marker.string;
  head.writeUIntBE(bytes.length, 1, head.length - 1);
  return Buffer.concat([head, bytes]);
}

function encodeList(values: readonly AmfValue[]): Buffer {
  const head = Buffer.alloc(5);
  head[0] = marker.strictArray;
  head.writeUInt32BE(values.length, 1);
  return Buffer.concat([head, ...values.map(encodeValue)]);
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

/** Reads all values. Throws AmfFault if one cannot be read, or if they exceed the limits. */
export function readAmf(bytes: Buffer): AmfValue[] {
  const values: AmfValue[] = [];
  const reader = new AmfReader(bytes);
  while (!reader.done) values.push(reader.value());
  return values;
}

/** Reads values up to the first that cannot be read or exceeds the limits. */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const values: AmfValue[] = [];
  const reader = new AmfReader(bytes);
  try {
    while (!reader.done) values.push(reader.value());
  } catch (error) {
    if (!(error instanceof AmfFault)) throw error;
  }
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;
  #count = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth = 0): AmfValue {
    if (depth > most.depth) throw new AmfFault(`values are nested more than ${most.depth} deep`);
    if (++this.#count > most.values) throw new AmfFault(`there are more than ${most.values} values`);
    const type = this.#bytes[this.#skip(1)];
    switch (type) {
      case marker.number:
        return this.#bytes.readDoubleBE(this.#skip(8));
      case marker.boolean:
        return this.#bytes[this.#skip(1)] !== 0;
      case marker.string:
        return this.#text(2);
      case marker.longString:
      case marker.xml:
        return this.#text(4);
      case marker.null:
        return null;
      case marker.undefined:
      case marker.unsupported:
        return undefined;
      case marker.date: {
        const milliseconds = this.#bytes.readDoubleBE(this.#skip(8));
        this.#skip(2);
        return milliseconds;
      }
      case marker.strictArray:
        return this.#list(depth);
      case marker.typedObject:
        this.#text(2);
        return this.#object(depth);
      case marker.ecmaArray:
        // The number of members is unreliable; an end marker follows the last.
        this.#skip(4);
        return this.#object(depth);
      case marker.object:
        return this.#object(depth);
      default:
        throw new AmfFault(`values of type ${type} are not accepted`);
    }
  }

  #list(depth: number): AmfValue[] {
    const length = this.#bytes.readUInt32BE(this.#skip(4));
    const values: AmfValue[] = [];
    // The limit of values stops a list that claims too many.
    while (values.length < length) values.push(this.value(depth + 1));
    return values;
  }

  #object(depth: number): AmfObject {
    const members: [string, AmfValue][] = [];
    for (;;) {
      const name = this.#text(2);
      if (name === "" && this.#bytes[this.#at] === objectEnd[2]) break;
      members.push([name, this.value(depth + 1)]);
    }
    this.#skip(1);
    // An assignment to `__proto__` would add no member.
    return Object.fromEntries(members);
  }

  /** A text after its length, which takes 2 or 4 bytes. */
  #text(lengthBytes: 2 | 4): string {
    const length = this.#bytes.readUIntBE(this.#skip(lengthBytes), lengthBytes);
    const start = this.#skip(length);
    return this.#bytes.toString("utf8", start, this.#at);
  }

  /** Moves on by so many bytes and returns the position before. Throws AmfFault at the end. */
  #skip(length: number): number {
    const before = this.#at;
    if (before + length > this.#bytes.length) throw new AmfFault("it is cut off");
    this.#at += length;
    return before;
  }
}
