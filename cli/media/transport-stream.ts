/** What the packets of an MPEG-TS segment carry. */
export interface StreamContents {
  /** Bytes of the coded picture, without any packaging. */
  readonly videoBytes: number;
  readonly audioBytes: number;
  /** Whether the first picture is a keyframe; undefined where that cannot be told (no H.264). */
  readonly startsWithKeyframe: boolean | undefined;
}

const packetBytes = 188;
const syncByte = 0x47;
const h264 = 0x1b;
const videoTypes: readonly number[] = [0x01, 0x02, h264, 0x24];
const audioTypes: readonly number[] = [0x03, 0x04, 0x0f, 0x11, 0x81];
const idrSlice = 5;
const otherSlice = 1;

/** Reads the packets of a segment. What is not MPEG-TS carries nothing. */
export function readTransportStream(bytes: Buffer): StreamContents {
  const tables = new Tables();
  let videoBytes = 0;
  let audioBytes = 0;
  const firstPicture: Buffer[] = [];
  let pictures = 0;
  for (let at = 0; at + packetBytes <= bytes.length && bytes[at] === syncByte; at += packetBytes) {
    const packet = readPacket(bytes.subarray(at, at + packetBytes));
    if (!packet || tables.take(packet)) continue;
    const type = tables.typeOf(packet.pid);
    if (type === undefined) continue;
    const content = packet.starts ? withoutPesHeader(packet.payload) : packet.payload;
    if (audioTypes.includes(type)) audioBytes += content.length;
    if (!videoTypes.includes(type)) continue;
    videoBytes += content.length;
    if (packet.starts) pictures += 1;
    if (pictures === 1 && type === h264) firstPicture.push(content);
  }
  return { videoBytes, audioBytes, startsWithKeyframe: isKeyframe(Buffer.concat(firstPicture)) };
}

interface Packet {
  readonly pid: number;
  /** A unit (table or picture) starts in it. */
  readonly starts: boolean;
  readonly payload: Buffer;
}

function readPacket(packet: Buffer): Packet | undefined {
  const hasPayload = (packet[3]! & 0x10) !== 0;
  const adaptationBytes = (packet[3]! & 0x20) !== 0 ? 1 + packet[4]! : 0;
  const start = 4 + adaptationBytes;
  if (!hasPayload || start >= packetBytes) return undefined;
  return {
    pid: packet.readUInt16BE(1) & 0x1fff,
    starts: (packet[1]! & 0x40) !== 0,
    payload: packet.subarray(start),
  };
}

/** Knows from the tables in the stream which packets carry what. */
class Tables {
  #mapPid: number | undefined;
  readonly #types = new Map<number, number>();

  /** Whether the packet was a table. */
  take({ pid, starts, payload }: Packet): boolean {
    if (pid === 0) {
      const table = starts ? tableOf(payload) : undefined;
      if (table && table.length >= 12) this.#mapPid = table.readUInt16BE(10) & 0x1fff;
      return true;
    }
    if (pid !== this.#mapPid) return false;
    const table = starts ? tableOf(payload) : undefined;
    if (table && table.length >= 12) this.#readMap(table);
    return true;
  }

  typeOf(pid: number): number | undefined {
    return this.#types.get(pid);
  }

  #readMap(table: Buffer): void {
    const end = table.length - 4;
    for (let at = 12 + (table.readUInt16BE(10) & 0x0fff); at + 5 <= end; ) {
      this.#types.set(table.readUInt16BE(at + 1) & 0x1fff, table[at]!);
      at += 5 + (table.readUInt16BE(at + 3) & 0x0fff);
    }
  }
}

/** A table from its first byte to its checksum; undefined when it does not fit into the packet. */
function tableOf(payload: Buffer): Buffer | undefined {
  const start = 1 + payload[0]!;
  if (start + 3 > payload.length) return undefined;
  const end = start + 3 + (payload.readUInt16BE(start + 1) & 0x0fff);
  return end <= payload.length ? payload.subarray(start, end) : undefined;
}

/** What follows the header that each picture and each piece of sound has. */
function withoutPesHeader(payload: Buffer): Buffer {
  if (payload.length < 9 || payload.readUIntBE(0, 3) !== 1) return payload;
  return payload.subarray(Math.min(payload.length, 9 + payload[8]!));
}

/** Looks for the first slice of an H.264 picture: only a keyframe's is decoded without any other. */
function isKeyframe(picture: Buffer): boolean | undefined {
  for (let at = picture.indexOf(startCode); at >= 0; at = picture.indexOf(startCode, at + 3)) {
    const type = (picture[at + 3] ?? 0) & 0x1f;
    if (type === idrSlice) return true;
    if (type === otherSlice) return false;
  }
  return undefined;
}
const startCode = Buffer.from([0, 0, 1]);
