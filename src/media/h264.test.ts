import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findSps, readAvcConfiguration, readSps, type SequenceParameters } from "./h264.ts";

// Made by x264 with the named pixel format and size.
const plain = { chromaFormatIdc: 1, bitDepth: 8, interlaced: false };
const made: readonly { readonly of: string; readonly hex: string; readonly is: SequenceParameters }[] = [
  {
    of: "Baseline, 1280x720",
    hex: "6742c01fda014016ec0440000003004000000c83c60ca8",
    is: { ...plain, profileIdc: 66, width: 1280, height: 720 },
  },
  {
    of: "a height that is cropped",
    hex: "6742c028da01e0089f97011000000300100000030320f1832a",
    is: { ...plain, profileIdc: 66, width: 1920, height: 1080 },
  },
  {
    of: "a width that is cropped",
    hex: "6742c01eda0360f79bc044000003000400000300c83c58ba80",
    is: { ...plain, profileIdc: 66, width: 854, height: 480 },
  },
  {
    of: "High with scaling lists",
    hex: "6764001facb402802dd808800000030080000019078c1950",
    is: { ...plain, profileIdc: 100, width: 1280, height: 720 },
  },
  {
    of: "grey",
    hex: "6764000cf2d02833f1b80b64000003000400000300c83c50aa80",
    is: { ...plain, profileIdc: 100, chromaFormatIdc: 0, width: 320, height: 180 },
  },
  {
    of: "4:2:2",
    hex: "677a000cbcb40a0cfc6e0220000003002000000641e28554",
    is: { ...plain, profileIdc: 122, chromaFormatIdc: 2, width: 320, height: 180 },
  },
  {
    of: "10 bit",
    hex: "676e001fa6cb402802dd80880000030008000003019078c195",
    is: { ...plain, profileIdc: 110, bitDepth: 10, width: 1280, height: 720 },
  },
  {
    of: "4:2:2 of 10 bit",
    hex: "677a001fb6cb402802dd80880000030008000003019078c195",
    is: { ...plain, profileIdc: 122, chromaFormatIdc: 2, bitDepth: 10, width: 1280, height: 720 },
  },
  {
    of: "4:4:4",
    hex: "67f4001e919680a02ff89c0440000003004000000c83c58ba8",
    is: { ...plain, profileIdc: 244, chromaFormatIdc: 3, width: 640, height: 360 },
  },
  {
    of: "interlaced frames",
    hex: "674d4028f403c0227ef011000003000100000300321f162ea0",
    is: { ...plain, profileIdc: 77, interlaced: true, width: 1920, height: 1080 },
  },
];
const bytesOf = (hex: string) => Buffer.from(hex, "hex");
const recordOf = (unit: Buffer) =>
  Buffer.concat([Buffer.from([1, 100, 0, 31, 0xff, 0xe1, unit.length >> 8, unit.length & 0xff]), unit]);

describe("a sequence parameter set", () => {
  it.each(made)("of $of is read", ({ hex, is }) => expect(readSps(bytesOf(hex))).toEqual(is));

  it.each(made)("of $of is found in FLV and in MPEG-TS", ({ hex, is }) => {
    const unit = bytesOf(hex);
    expect(readAvcConfiguration(recordOf(unit))).toEqual(is);
    const units = Buffer.concat([
      Buffer.from([0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1]),
      unit,
      Buffer.from([0, 0, 1, 0x68, 1]),
    ]);
    expect(findSps(units)).toEqual(is);
  });

  it("is not read if it is cut off", () => {
    for (const { hex } of made)
      for (let bytes = 0; bytes < 7; bytes++) expect(readSps(bytesOf(hex).subarray(0, bytes))).toBeUndefined();
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["another unit", bytesOf("6801020304")],
    ["zeros", Buffer.concat([Buffer.from([0x67]), Buffer.alloc(2000)])],
    ["ones", Buffer.concat([Buffer.from([0x67]), Buffer.alloc(2000, 0xff)])],
  ])("is not found in %s", (_, bytes) => {
    expect([readSps(bytes), readAvcConfiguration(bytes), findSps(bytes)]).toEqual([undefined, undefined, undefined]);
  });

  it("is read from any bytes without an error, and has a possible size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(66, 77, 100, 110, 122, 244), (any, profile) => {
        const read = readSps(Buffer.concat([Buffer.from([0x67, profile]), Buffer.from(any)]));
        if (!read) return;
        expect(Math.min(read.width, read.height)).toBeGreaterThan(0);
        expect(Math.max(read.width, read.height)).toBeLessThanOrEqual(16_384);
      }),
    );
  });
});
