import { adtsHeaderBytes as headerBytes, sampleRates } from "./adts.ts";

/** The frames of AAC sound that are at the end of some bytes, at most `count`; a frame that is cut off is left out. */
export function lastAdtsFrames(bytes: Buffer, count: number): Buffer {
  const starts: number[] = [];
  let at = 0;
  while (isFrame(bytes, at)) {
    const length = lengthOf(bytes, at);
    if (length < headerBytes || at + length > bytes.length) break;
    starts.push(at);
    at += length;
  }
  return count <= 0 || starts.length === 0 ? Buffer.alloc(0) : bytes.subarray(starts.at(-count) ?? starts[0], at);
}

/** Seconds of sound in one frame; undefined if the bytes do not begin with one. */
export function adtsFrameSeconds(bytes: Buffer): number | undefined {
  const rate = isFrame(bytes, 0) ? sampleRates[(bytes[2]! >> 2) & 0x0f] : undefined;
  return rate === undefined ? undefined : 1024 / rate;
}

/** Whether two pieces of sound have the same profile, rate and number of channels: then one decoder can read one after the other. */
export const hasSameAdtsFormat = (some: Buffer, other: Buffer): boolean =>
  isFrame(some, 0) &&
  isFrame(other, 0) &&
  some[1] === other[1] &&
  some[2] === other[2] &&
  (some[3]! & 0xc0) === (other[3]! & 0xc0);

const isFrame = (bytes: Buffer, at: number): boolean =>
  at + headerBytes <= bytes.length && bytes[at] === 0xff && (bytes[at + 1]! & 0xf6) === 0xf0;

const lengthOf = (bytes: Buffer, at: number): number =>
  ((bytes[at + 3]! & 0x03) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
