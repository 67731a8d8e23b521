import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultChunkBytes, encodeMessage, type RtmpMessage, rtmpType } from "./rtmp-messages.ts";
import { MessageReader } from "./rtmp-reader.ts";

const message = fc.record<RtmpMessage>({
  type: fc.constantFrom(rtmpType.audio, rtmpType.video, rtmpType.command),
  streamId: fc.integer({ min: 0, max: 0xffffffff }),
  // Beyond 0xfffffe (4.6 hours) the timestamp takes another form.
  timestampMs: fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0xfffffd, max: 0x1000001 })),
  payload: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
});

/** Feeds the reader with pieces of `pieceBytes` bytes. */
function readIn(bytes: Buffer, pieceBytes: number): RtmpMessage[] {
  const reader = new MessageReader();
  const messages: RtmpMessage[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    messages.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
  return messages;
}

describe("RTMP's messages", () => {
  it("are read back whole, however the bytes arrive", () =>
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.integer({ min: 1, max: 400 }), (messages, pieceBytes) => {
        const bytes = Buffer.concat(
          messages.map((each, index) => encodeMessage(each, 3 + (index % 3), defaultChunkBytes)),
        );
        expect(readIn(bytes, pieceBytes)).toEqual(messages);
      }),
    ));

  it("use the chunk size that the other side announces", () => {
    const payload = Buffer.alloc(3000, 7);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(1024);
    const bytes = Buffer.concat([
      encodeMessage({ type: rtmpType.setChunkSize, streamId: 0, timestampMs: 0, payload: size }, 2, defaultChunkBytes),
      encodeMessage({ type: rtmpType.command, streamId: 1, timestampMs: 5, payload }, 3, 1024),
    ]);
    expect(readIn(bytes, 100).at(-1)).toEqual({ type: rtmpType.command, streamId: 1, timestampMs: 5, payload });
  });

  it("take values that a short header leaves out from the message before", () => {
    const first = encodeMessage(
      { type: rtmpType.audio, streamId: 1, timestampMs: 10, payload: Buffer.from("ab") },
      4,
      128,
    );
    const sameLengthAndType = Buffer.from([0x80 | 4, 0, 0, 23, 0x63, 0x64]);
    expect(readIn(Buffer.concat([first, sameLengthAndType]), 5)).toEqual([
      { type: rtmpType.audio, streamId: 1, timestampMs: 10, payload: Buffer.from("ab") },
      { type: rtmpType.audio, streamId: 1, timestampMs: 33, payload: Buffer.from("cd") },
    ]);
  });

  it("are refused if the bytes are not RTMP", () => {
    expect(() => new MessageReader().push(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))).toThrow("not RTMP");
  });
});
