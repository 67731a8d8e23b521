import { BitReader } from "./bits.ts";

/** The format of an H.264 stream's frames, from its sequence parameter set (SPS). */
export interface SequenceParameters {
  readonly profileIdc: number;
  /** 0: no colour, 1: 4:2:0, 2: 4:2:2, 3: 4:4:4. */
  readonly chromaFormatIdc: number;
  /** The larger one of luma and chroma. */
  readonly bitDepth: number;
  /** As shown: without cropped edges. */
  readonly width: number;
  readonly height: number;
  /** Frames may be coded as two fields. */
  readonly interlaced: boolean;
}

const spsType = 7;
// The longest ones, with scaling lists and timing, take about 200 bytes.
const mostSpsBytes = 1024;
const withChroma = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
const withoutChroma = [66, 77, 88];
const largestSide = 16_384;

/** Reads an SPS: a NAL unit of type 7 without its start code. Undefined for other bytes. */
export function readSps(unit: Buffer): SequenceParameters | undefined {
  if (unit.length < 4 || (unit[0]! & 0x1f) !== spsType) return undefined;
  try {
    return parse(new BitReader(withoutEscapes(unit.subarray(1, mostSpsBytes))));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The first SPS of an AVCDecoderConfigurationRecord, as FLV and MP4 carry it. */
export function readAvcConfiguration(record: Buffer): SequenceParameters | undefined {
  const [version, , , , , sets] = record;
  if (version !== 1 || sets === undefined || (sets & 0x1f) === 0 || record.length < 8) return undefined;
  return readSps(record.subarray(8, 8 + record.readUInt16BE(6)));
}

/** The first SPS among NAL units with start codes, as MPEG-TS carries it. */
export function findSps(units: Buffer): SequenceParameters | undefined {
  for (let at = units.indexOf(startCode); at >= 0; at = units.indexOf(startCode, at + 3)) {
    const next = units.indexOf(startCode, at + 3);
    const unit = units.subarray(at + 3, next < 0 ? units.length : next);
    if (unit.length > 0 && (unit[0]! & 0x1f) === spsType) return readSps(unit);
  }
  return undefined;
}

const startCode = Buffer.from([0, 0, 1]);

function parse(bits: BitReader): SequenceParameters | undefined {
  const profileIdc = bits.read(8);
  if (!withChroma.includes(profileIdc) && !withoutChroma.includes(profileIdc)) return undefined;
  bits.skip(16); // constraints and level
  bits.golomb(); // its number
  const { chromaFormatIdc, bitDepth } = withChroma.includes(profileIdc)
    ? readChroma(bits)
    : { chromaFormatIdc: 1, bitDepth: 8 };
  skipOrder(bits);
  const macroblocksWide = bits.golomb() + 1;
  const mapUnitsHigh = bits.golomb() + 1;
  const onlyFrames = bits.read(1) === 1;
  if (!onlyFrames) bits.skip(1);
  bits.skip(1); // direct_8x8_inference
  const cropped = bits.read(1) === 1 ? [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = cropped;
  const unitWide = chromaFormatIdc === 1 || chromaFormatIdc === 2 ? 2 : 1;
  const unitHigh = (chromaFormatIdc === 1 ? 2 : 1) * (onlyFrames ? 1 : 2);
  const width = macroblocksWide * 16 - (left + right) * unitWide;
  const height = mapUnitsHigh * 16 * (onlyFrames ? 1 : 2) - (top + bottom) * unitHigh;
  if (width < 1 || height < 1 || width > largestSide || height > largestSide) return undefined;
  return { profileIdc, chromaFormatIdc, bitDepth, width, height, interlaced: !onlyFrames };
}

function readChroma(bits: BitReader): Pick<SequenceParameters, "chromaFormatIdc" | "bitDepth"> {
  const chromaFormatIdc = bits.golomb();
  if (chromaFormatIdc > 3) throw new RangeError("no such chroma format");
  if (chromaFormatIdc === 3) bits.skip(1); // separate planes
  const bitDepth = 8 + Math.max(bits.golomb(), bits.golomb());
  bits.skip(1); // lossless transform bypass
  if (bits.read(1) === 1) skipScalingLists(bits, chromaFormatIdc === 3 ? 12 : 8);
  return { chromaFormatIdc, bitDepth };
}

function skipScalingLists(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (bits.read(1) === 0) continue;
    const size = list < 6 ? 16 : 64;
    for (let entry = 0, last = 8, next = 8; entry < size; entry++) {
      if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

/** Skips the fields about the numbering and order of frames. */
function skipOrder(bits: BitReader): void {
  bits.golomb();
  const orderType = bits.golomb();
  if (orderType === 0) bits.golomb();
  if (orderType === 1) {
    bits.skip(1);
    bits.golomb();
    bits.golomb();
    const cycle = bits.golomb();
    if (cycle > 255) throw new RangeError("no such cycle");
    for (let frame = 0; frame < cycle; frame++) bits.golomb();
  }
  bits.golomb(); // reference frames
  bits.skip(1);
}

/** Removes the escape bytes (3), which keep a start code from appearing within a unit. */
function withoutEscapes(bytes: Buffer): Buffer {
  const plain = bytes.filter((byte, index) => !(byte === 3 && bytes[index - 1] === 0 && bytes[index - 2] === 0));
  return Buffer.from(plain);
}
