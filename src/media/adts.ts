import { BitReader, BitWriter } from "./bits.ts";

/** What an ADTS header says about AAC-LC sound. Channel layouts beyond the seven common ones are in `layout`. */
export interface AdtsFormat {
  /** The index of the sample rate in the standard's table. */
  readonly rateIndex: number;
  /** Samples per second. */
  readonly sampleRate: number;
  /** 1 to 7, or 0: the layout stands in each frame, see `layout`. */
  readonly channelConfiguration: number;
  /** A program_config_element with its id, whole bytes, for channel configuration 0; else empty. */
  readonly layout: Buffer;
}

/** Samples of one AAC-LC frame, for each channel. */
export const samplesPerFrame = 1024;
/** The header's field has 13 bits and counts the header too. */
export const mostFrameBytes = 8191;
export const adtsHeaderBytes = 7;

/** By their index in an AudioSpecificConfig and in ADTS. */
export const sampleRates: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
const explicitRate = 15;
const escapedType = 31;
const lowComplexity = 2;
const layoutElement = 5;
const names: Readonly<Record<number, string>> = {
  ...{
    1: "AAC Main",
    3: "AAC-SSR",
    4: "AAC-LTP",
    5: "HE-AAC",
    23: "AAC-LD",
    29: "HE-AAC v2",
    39: "AAC-ELD",
    42: "xHE-AAC",
  },
};

/**
 * Reads an AudioSpecificConfig, the decoder's set-up in an RTMP or FLV tag. Resolves other sound than AAC-LC with frames of 1024
 * samples to its name: ADTS cannot carry it.
 */
export function readSoundSetUp(bytes: Uint8Array): AdtsFormat | string {
  const unreadable = "AAC with an unreadable set-up";
  try {
    const bits = new BitReader(bytes);
    const short = bits.read(5);
    const type = short === escapedType ? 32 + bits.read(6) : short;
    if (type !== lowComplexity) return names[type] ?? `AAC of type ${type}`;
    const index = bits.read(4);
    const sampleRate = index === explicitRate ? bits.read(24) : sampleRates[index];
    const rateIndex = sampleRates.indexOf(sampleRate ?? 0);
    if (sampleRate === undefined || rateIndex < 0) return `AAC with ${sampleRate ?? "an unknown number of"} samples/s`;
    const channelConfiguration = bits.read(4);
    if (channelConfiguration > 7) return `AAC with the channel layout ${channelConfiguration}`;
    if (bits.read(1) === 1) return "AAC with short frames";
    if (bits.read(1) === 1) bits.read(14);
    bits.read(1);
    const layout = channelConfiguration === 0 ? copyLayout(bits) : Buffer.alloc(0);
    return { rateIndex, sampleRate, channelConfiguration, layout };
  } catch (error) {
    if (error instanceof RangeError) return unreadable;
    throw error;
  }
}

/** Copies a program_config_element, which ends at a whole byte: its bits stand elsewhere in a frame than in the set-up. */
function copyLayout(bits: BitReader): Buffer {
  const copy = new BitWriter();
  const pass = (count: number): number => {
    const value = bits.read(count);
    copy.write(value, count);
    return value;
  };
  copy.write(layoutElement, 3);
  pass(4 + 2 + 4);
  const [front, side, back] = [pass(4), pass(4), pass(4)];
  const [lowFrequency, data, coupling] = [pass(2), pass(3), pass(4)];
  for (const bitsIfSet of [4, 4, 3]) if (pass(1) === 1) pass(bitsIfSet);
  for (let element = front + side + back + coupling; element > 0; element--) pass(5);
  for (let element = lowFrequency + data; element > 0; element--) pass(4);
  bits.align();
  copy.align();
  for (let length = pass(8); length > 0; length--) pass(8);
  return copy.bytes();
}

/** A frame of AAC with its ADTS header; undefined if it is longer than AAC's frames can be. */
export function adtsFrame(
  { rateIndex, channelConfiguration, layout }: AdtsFormat,
  sound: Uint8Array,
): Buffer | undefined {
  const length = adtsHeaderBytes + layout.length + sound.length;
  if (sound.length === 0 || length > mostFrameBytes) return undefined;
  const head = new BitWriter();
  // Sync word, MPEG-4, layer 0, no checksum.
  head.write(0xfff1, 16);
  head.write(lowComplexity - 1, 2);
  head.write(rateIndex, 4);
  head.write(0, 1);
  head.write(channelConfiguration, 3);
  head.write(0, 4);
  head.write(length, 13);
  // The buffer's fullness is not told; one block follows.
  head.write(0x7ff, 11);
  head.write(0, 2);
  return Buffer.concat([head.bytes(), layout, sound]);
}

/** What follows is no ADTS stream of AAC-LC. */
export class AdtsFault extends Error {
  override readonly name = "AdtsFault";
}

/** A whole frame, with its header. */
export interface AdtsFrame {
  readonly bytes: Buffer;
  readonly sampleRate: number;
}

/** Reads an ADTS stream that arrives in pieces of any size. It holds at most one frame that is not whole. */
export class AdtsReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The frames that these bytes complete. Throws AdtsFault at the first header that cannot be AAC-LC in ADTS. */
  push(piece: Buffer): AdtsFrame[] {
    this.#pending = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    const frames: AdtsFrame[] = [];
    let at = 0;
    while (at + adtsHeaderBytes <= this.#pending.length) {
      const { length, sampleRate } = readHeader(this.#pending, at);
      if (at + length > this.#pending.length) break;
      frames.push({ bytes: Buffer.from(this.#pending.subarray(at, at + length)), sampleRate });
      at += length;
    }
    this.#pending = Buffer.from(this.#pending.subarray(at));
    return frames;
  }
}

function readHeader(bytes: Buffer, at: number): { length: number; sampleRate: number } {
  const [sync, flags, last] = [bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2), bytes[at + 6]!];
  // Any identification and checksum bit, but layer 0.
  if ((sync & 0xfff6) !== 0xfff0) throw new AdtsFault("no ADTS frame begins here");
  if (flags >>> 30 !== lowComplexity - 1) throw new AdtsFault("the sound is not AAC-LC");
  const sampleRate = sampleRates[(flags >>> 26) & 0x0f];
  if (sampleRate === undefined) throw new AdtsFault("an unknown sample rate");
  const length = (flags >>> 5) & 0x1fff;
  if (length <= adtsHeaderBytes) throw new AdtsFault("a frame without sound");
  if ((last & 0x03) !== 0) throw new AdtsFault("a frame of several blocks");
  return { length, sampleRate };
}
