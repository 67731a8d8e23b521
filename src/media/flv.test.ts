import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FlvReader, type FlvTag, flvType, isFrame } from "./flv.ts";

const header = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

function write({ type, timestampMs, data }: FlvTag): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(data.length, 1, 3);
  head.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
  head[7] = Math.floor(timestampMs / 2 ** 24);
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE(11 + data.length);
  return Buffer.concat([head, data, trailer]);
}

const tag = fc.record<FlvTag>({
  type: fc.constantFrom(flvType.audio, flvType.video, flvType.script),
  timestampMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  data: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
});

describe("an FLV stream", () => {
  it("gives back its tags, however the bytes arrive", () =>
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 8 }), fc.integer({ min: 1, max: 60 }), (tags, pieceBytes) => {
        const bytes = Buffer.concat([header, ...tags.map(write)]);
        const reader = new FlvReader();
        const read: FlvTag[] = [];
        for (let at = 0; at < bytes.length; at += pieceBytes)
          read.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
        expect(read).toEqual(tags);
      }),
    ));

  it("is refused if it is not FLV", () => {
    expect(() => new FlvReader().push(Buffer.alloc(32))).toThrow("not FLV");
  });

  it.each([
    ["a coded frame", flvType.video, [0x17, 1, 0, 0, 0], true],
    ["a decoder's configuration", flvType.video, [0x17, 0, 0, 0, 0], false],
    ["sound", flvType.audio, [0xaf, 1], false],
  ])("tells whether a tag is a frame: %s", (_, type, data, expected) =>
    expect(isFrame({ type, timestampMs: 0, data: Buffer.from(data) })).toBe(expected),
  );
});
