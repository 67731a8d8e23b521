import { findSps, type SequenceParameters } from "./h264.ts";

/** The contents of an MPEG-TS segment. */
export interface StreamContents {
  /** Bytes of coded video, without headers. */
  readonly videoBytes: number;
  readonly audioBytes: number;
  /** Whether the first frame is a keyframe; undefined if it is not H.264. */
  readonly startsWithKeyframe: boolean | undefined;
  /** When each keyframe is shown, in seconds after the first frame; undefined if unknown. */
  readonly keyframesAtSeconds?: readonly number[] | undefined;
  /** As in `StreamFacts`; undefined without a track, or with an unknown codec. */
  readonly videoCodec?: string | undefined;
  readonly audioCodec?: string | undefined;
  /** The parameters of H.264 video. */
  readonly sps?: SequenceParameters | undefined;
}

const packetBytes = 188;
const syncByte = 0x47;
const videoCodecs: Readonly<Record<number, string>> = { 1: "mpeg1", 2: "mpeg2", 27: "h264", 36: "hevc" };
const audioCodecs: Readonly<Record<number, string>> = { 3: "mp3", 4: "mp3", 15: "aac", 17: "aac", 129: "ac3" };
const idrSlice = 5;
const otherSlice = 1;
const ptsPerSecond = 90_000;
const ptsWraps = 2 ** 33;

/** A coded frame. */
interface Frame {
  readonly pts: number | undefined;
  readonly parts: Buffer[];
}

/** Reads a segment. Bytes that are not MPEG-TS carry nothing. */
export function readTransportStream(bytes: Buffer): StreamContents {
  const tables = new Tables();
  const found: { videoCodec?: string; audioCodec?: string } = {};
  let videoBytes = 0;
  let audioBytes = 0;
  const pictures: Frame[] = [];
  for (const packet of mediaPackets(bytes, tables)) {
    const type = tables.typeOf(packet.pid)!;
    const content = packet.starts ? withoutPesHeader(packet.payload) : packet.payload;
    const [audioCodec, videoCodec] = [audioCodecs[type], videoCodecs[type]];
    if (audioCodec !== undefined) {
      audioBytes += content.length;
      found.audioCodec ??= audioCodec;
    }
    if (videoCodec === undefined) continue;
    videoBytes += content.length;
    found.videoCodec ??= videoCodec;
    if (packet.starts) pictures.push({ pts: ptsOf(packet.payload), parts: [] });
    pictures.at(-1)?.parts.push(content);
  }
  return { videoBytes, audioBytes, ...found, ...(found.videoCodec === "h264" ? readH264(pictures) : unknownFrames) };
}

/** The sound of a segment as it is coded, and when picture and sound begin. */
export interface CodedSound {
  /** Presentation time of the first frame, in 1/90000 s, below 2 ** 33; undefined without video. */
  readonly videoPts: number | undefined;
  /** That of the first piece of sound. */
  readonly audioPts: number | undefined;
  /** As in `StreamContents`. */
  readonly audioCodec: string | undefined;
  /** For AAC: ADTS frames. Empty without sound. */
  readonly audio: Buffer;
}

/** Reads a segment's sound. Bytes that are not MPEG-TS carry none. */
export function readCodedSound(bytes: Buffer): CodedSound {
  const tables = new Tables();
  const found: { videoPts?: number; audioPts?: number; audioCodec?: string } = {};
  const parts: Buffer[] = [];
  let audioPid: number | undefined;
  for (const packet of mediaPackets(bytes, tables)) {
    const type = tables.typeOf(packet.pid)!;
    const pts = packet.starts ? ptsOf(packet.payload) : undefined;
    if (videoCodecs[type] !== undefined && pts !== undefined) found.videoPts ??= pts;
    const codec = audioCodecs[type];
    if (codec === undefined) continue;
    // A second track of sound would be mixed into the first one's frames.
    if (packet.starts) audioPid ??= packet.pid;
    if (packet.pid !== audioPid) continue;
    found.audioCodec ??= codec;
    if (pts !== undefined) found.audioPts ??= pts;
    parts.push(packet.starts ? withoutPesHeader(packet.payload) : packet.payload);
  }
  const { videoPts, audioPts, audioCodec } = found;
  return { videoPts, audioPts, audioCodec, audio: Buffer.concat(parts) };
}

/** Seconds from one presentation time to another, also if the 33 bits wrap between them: from -13 h to 13 h. */
export function secondsBetweenPts(from: number, to: number): number {
  const ticks = (((to - from) % ptsWraps) + ptsWraps) % ptsWraps;
  return (ticks >= ptsWraps / 2 ? ticks - ptsWraps : ticks) / ptsPerSecond;
}

/** A presentation time so many seconds later, in 1/90000 s. */
export const ptsAfter = (pts: number, seconds: number): number =>
  (((pts + Math.round(seconds * ptsPerSecond)) % ptsWraps) + ptsWraps) % ptsWraps;

/** The packets of video and sound, after the tables that name them. */
function* mediaPackets(bytes: Buffer, tables: Tables): Generator<Packet> {
  for (let at = 0; at + packetBytes <= bytes.length && bytes[at] === syncByte; at += packetBytes) {
    const packet = readPacket(bytes.subarray(at, at + packetBytes));
    if (packet && !tables.take(packet) && tables.typeOf(packet.pid) !== undefined) yield packet;
  }
}

const unknownFrames = { startsWithKeyframe: undefined };

function readH264(
  pictures: readonly Frame[],
): Pick<StreamContents, "startsWithKeyframe" | "keyframesAtSeconds" | "sps"> {
  const frames = pictures.map(({ pts, parts }) => ({ pts, coded: Buffer.concat(parts) }));
  const [first] = frames;
  if (!first) return unknownFrames;
  const keyframes = frames.filter(({ coded }) => isKeyframe(coded) === true);
  const times = keyframes.flatMap(({ pts }) =>
    pts === undefined || first.pts === undefined ? [] : ((pts - first.pts + ptsWraps) % ptsWraps) / ptsPerSecond,
  );
  return {
    startsWithKeyframe: isKeyframe(first.coded),
    ...(times.length === keyframes.length && { keyframesAtSeconds: times }),
    ...(keyframes[0] && { sps: findSps(keyframes[0].coded) }),
  };
}

/** The presentation timestamp, in 1/90000 s. */
function ptsOf(payload: Buffer): number | undefined {
  if (payload.length < 14 || payload.readUIntBE(0, 3) !== 1 || (payload[7]! & 0x80) === 0) return undefined;
  const high = (payload[9]! >> 1) & 0x07;
  return high * 2 ** 30 + (payload.readUInt16BE(10) >> 1) * 2 ** 15 + (payload.readUInt16BE(12) >> 1);
}

interface Packet {
  readonly pid: number;
  /** A table or a frame starts in it. */
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

/** The stream's tables, which say what each packet id carries. */
class Tables {
  #mapPid: number | undefined;
  readonly #types = new Map<number, number>();

  /** Reads a packet if it is a table. Returns whether it was one. */
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

/** A table from its first byte to its checksum; undefined if it does not fit into the packet. */
function tableOf(payload: Buffer): Buffer | undefined {
  const start = 1 + payload[0]!;
  if (start + 3 > payload.length) return undefined;
  const end = start + 3 + (payload.readUInt16BE(start + 1) & 0x0fff);
  return end <= payload.length ? payload.subarray(start, end) : undefined;
}

/** Removes the header that each frame and each piece of sound has. */
function withoutPesHeader(payload: Buffer): Buffer {
  if (payload.length < 9 || payload.readUIntBE(0, 3) !== 1) return payload;
  return payload.subarray(Math.min(payload.length, 9 + payload[8]!));
}

/** Whether an H.264 frame is a keyframe, by the type of its first slice. */
function isKeyframe(frame: Buffer): boolean | undefined {
  for (let at = frame.indexOf(startCode); at >= 0; at = frame.indexOf(startCode, at + 3)) {
    const type = (frame[at + 3] ?? 0) & 0x1f;
    if (type === idrSlice) return true;
    if (type === otherSlice) return false;
  }
  return undefined;
}
const startCode = Buffer.from([0, 0, 1]);
