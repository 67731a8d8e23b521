/**
 * The clock in the frame: a strip along the bottom, one fifth of the frame high. Its upper half is text for people. Its lower half
 * is 64 black or white blocks for programs: 48 bits of milliseconds since the epoch, highest first, and 16 bits of CRC. All
 * positions are fractions of width and height, so the clock survives scaling.
 */
export const stripHeightFraction = 1 / 5;

/** Where to read the blocks: a band inside their edges, as fractions of the frame's height. */
export const blockBand = { top: 0.925, height: 0.05 } as const;

/** Size of the strip in pixels before it is scaled up; one byte of gray each. */
export const clockFrame = { width: 128, height: 16 } as const;

/** Blocks in a row. `decodeClock` takes one gray sample of each. */
export const blockCount = 64;

const timeBytes = 6;
const latestMs = 2 ** (timeBytes * 8) - 1;
const black = 0;
const white = 255;
// With less contrast it is a plain frame, not a clock.
const leastContrast = 96;

/** The strip for a time in ms since the epoch: gray bytes, row by row. Throws as `clockBits` does. */
export function encodeClock(timeMs: number): Uint8Array {
  const frame = new Uint8Array(clockFrame.width * clockFrame.height).fill(black);
  drawText(frame, `${new Date(timeMs).toISOString().slice(-13, -1)} UTC`);
  drawBlocks(frame, clockBits(timeMs));
  return frame;
}

/**
 * The time that 64 gray samples show, each the mean of one block; in ms since the epoch. Undefined if they are not a clock, or if one
 * block was misread.
 */
export function decodeClock(samples: Uint8Array): number | undefined {
  if (samples.length !== blockCount) return undefined;
  const darkest = Math.min(...samples);
  const brightest = Math.max(...samples);
  if (brightest - darkest < leastContrast) return undefined;
  const middle = (darkest + brightest) / 2;
  const bytes = Buffer.alloc(blockCount / 8);
  samples.forEach((sample, index) => {
    if (sample > middle) bytes[index >> 3] = bytes[index >> 3]! | (0x80 >> (index & 7));
  });
  return crc16(bytes.subarray(0, timeBytes)) === bytes.readUInt16BE(timeBytes)
    ? bytes.readUIntBE(0, timeBytes)
    : undefined;
}

/** The blocks for a time, left to right; true is white. Throws RangeError unless it is a whole number of at most 48 bits. */
export function clockBits(timeMs: number): boolean[] {
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > latestMs)
    throw new RangeError(`no clock for ${timeMs}: expected whole milliseconds since the epoch`);
  const bytes = Buffer.alloc(blockCount / 8);
  bytes.writeUIntBE(timeMs, 0, timeBytes);
  bytes.writeUInt16BE(crc16(bytes.subarray(0, timeBytes)), timeBytes);
  return Array.from({ length: blockCount }, (_, index) => (bytes[index >> 3]! & (0x80 >> (index & 7))) !== 0);
}

/** CRC-16/CCITT-FALSE. It starts with all ones, so that a row of zeros is no valid clock. */
function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

function drawText(frame: Uint8Array, text: string): void {
  const step = glyphWidth + glyphGap;
  const left = Math.floor((clockFrame.width - text.length * step) / 2);
  [...text].forEach((character, index) => {
    glyphs[character]?.forEach((row, y) => {
      for (let x = 0; x < glyphWidth; x++)
        if (row & (1 << (glyphWidth - 1 - x))) frame[y * clockFrame.width + left + index * step + x] = white;
    });
  });
}

function drawBlocks(frame: Uint8Array, bits: readonly boolean[]): void {
  const blockWidth = clockFrame.width / blockCount;
  for (let y = clockFrame.height / 2; y < clockFrame.height; y++)
    for (let x = 0; x < clockFrame.width; x++)
      if (bits[Math.floor(x / blockWidth)]) frame[y * clockFrame.width + x] = white;
}

// 5 x 7 pixels: one number a row, whose five low bits are the pixels from left to right.
const glyphs: Readonly<Record<string, readonly number[]>> = {
  "0": [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
  "1": [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
  "2": [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
  "3": [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
  "4": [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
  "5": [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
  "6": [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
  "7": [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
  "8": [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
  "9": [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
  ":": [0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00],
  ".": [0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c],
  U: [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
  T: [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
  C: [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
};
const glyphWidth = 5;
const glyphGap = 1;
