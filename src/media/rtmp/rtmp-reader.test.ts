import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage, numberMessage, type RtmpMessage, rtmpType } from "./rtmp-messages.ts";
import { MessageReader, RtmpFault } from "./rtmp-reader.ts";

const video = (payload: Buffer, timestampMs = 0): RtmpMessage => ({
  ...{ type: rtmpType.video, streamId: 1, timestampMs, payload },
});
const chunkSize = (size: number) => encodeMessage(numberMessage(rtmpType.setChunkSize, size), 2, 128);
const abort = (channel: number) => encodeMessage(numberMessage(rtmpType.abort, channel), 2, 128);
const mediaOf = (messages: readonly RtmpMessage[]) => messages.filter(({ type }) => type === rtmpType.video);
/** The header of a message on a chunk stream, and a part of its payload. */
function opened(channel: number, length: number, sent: number): Buffer {
  const basic =
    channel < 64
      ? [channel]
      : channel < 320
        ? [0, channel - 64]
        : [1, (channel - 64) & 0xff, Math.floor((channel - 64) / 256)];
  const header = Buffer.alloc(11);
  header.writeUIntBE(length, 3, 3);
  header[6] = rtmpType.video;
  return Buffer.concat([Buffer.from(basic), header, Buffer.alloc(sent)]);
}

describe("the RTMP reader", () => {
  it("reads a megabyte in chunks of one byte in time proportional to its bytes", () => {
    const reader = new MessageReader();
    reader.push(chunkSize(1));
    const body = Buffer.alloc(2_000_000, Buffer.from([7, 0xc6])).subarray(0, -1);
    const started = process.cpuUsage();
    const messages = reader.push(Buffer.concat([opened(6, 1_000_000, 0), body]));
    // About 0.1 s. With quadratic work it would take minutes.
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(3);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.payload.equals(Buffer.alloc(1_000_000, 7))).toBe(true);
  });

  it("reads a megabyte that arrives byte by byte in time proportional to its bytes", () => {
    const reader = new MessageReader();
    const bytes = encodeMessage(video(Buffer.alloc(1_000_000, 7)), 6, 128);
    const started = process.cpuUsage();
    let messages = 0;
    for (let at = 0; at < bytes.length; at++) messages += reader.push(bytes.subarray(at, at + 1)).length;
    expect(messages).toBe(1);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });

  it("refuses 65,599 chunk streams with a partial message each, at the seventeenth", () => {
    const reader = new MessageReader();
    let taken = 0;
    const fill = () => {
      for (let channel = 2; channel <= 65_599; channel++) {
        reader.push(channel === 2 ? opened(2, 100, 100) : opened(channel, 200, 128));
        taken += 1;
      }
    };
    expect(fill).toThrow("more than 16 chunk streams");
    expect(taken).toBe(16);
  });

  it("accepts chunk stream numbers in all three forms", () => {
    const reader = new MessageReader();
    for (const channel of [3, 63, 64, 319, 320, 65_599]) expect(reader.push(opened(channel, 5, 5))).toHaveLength(1);
  });

  it("holds memory for bytes that have come, not for bytes that are announced", () => {
    const readers = Array.from({ length: 200 }, () => new MessageReader());
    const before = process.memoryUsage().arrayBuffers;
    for (const reader of readers) reader.push(opened(6, 4 * 1024 * 1024, 1));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  });

  it("limits the size of a message, and of all unfinished messages together", () => {
    const limits = { messageBytes: 1000, partialBytes: 1500 };
    expect(() => new MessageReader(limits).push(opened(6, 1001, 0))).toThrow("a message of 1001 bytes");
    const reader = new MessageReader(limits);
    reader.push(chunkSize(65_536));
    reader.push(opened(6, 1000, 999));
    // A chunk that is not complete: nothing else can come in between.
    expect(() => reader.push(Buffer.from([6]))).not.toThrow();
    const other = new MessageReader(limits);
    for (const channel of [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]) other.push(opened(channel, 200, 128));
    expect(() => other.push(opened(15, 200, 128))).toThrow("more than 1500 bytes of unfinished messages");
  });

  it("accepts a new chunk size in the middle of a message, even below 128", () => {
    const payload = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 251));
    const header = opened(6, 300, 0);
    const bytes = [
      ...[header, payload.subarray(0, 128)],
      ...[chunkSize(10), Buffer.from([0xc6]), payload.subarray(128, 138)],
      ...[chunkSize(65_536), Buffer.from([0xc6]), payload.subarray(138)],
    ];
    expect(mediaOf(new MessageReader().push(Buffer.concat(bytes)))).toMatchObject([{ payload }]);
  });

  it("accepts messages in one piece if the chunk size says so, up to the message limit", () => {
    const payload = Buffer.alloc(300_000, 7);
    const header = encodeMessage({ type: rtmpType.video, streamId: 1, timestampMs: 5, payload }, 6, payload.length);
    const reader = new MessageReader();
    expect(mediaOf(reader.push(Buffer.concat([chunkSize(0x7fffffff), header])))).toMatchObject([{ payload }]);
    reader.allow({ messageBytes: 1000, partialBytes: 2000 });
    expect(() => reader.push(header)).toThrow("the limit is 1000");
  });

  it.each([0, 0x80000000, 0x80000001])("refuses chunks of %s bytes", (size) => {
    expect(() => new MessageReader().push(chunkSize(size))).toThrow(RtmpFault);
  });

  it.each([1, 2, 3])("refuses a chunk of type %s without an earlier chunk", (format) => {
    expect(() => new MessageReader().push(Buffer.from([(format << 6) | 6, ...Array(11).fill(0)]))).toThrow(
      "refers to an earlier chunk",
    );
  });

  it("refuses a message that begins inside another one on the same chunk stream", () => {
    const reader = new MessageReader();
    reader.push(opened(6, 200, 128));
    expect(() => reader.push(opened(6, 200, 128))).toThrow("begins within another");
  });

  it("drops an aborted message, and no other", () => {
    const reader = new MessageReader();
    reader.push(opened(6, 200, 128));
    reader.push(opened(7, 200, 128));
    reader.push(abort(6));
    reader.push(abort(99));
    expect(mediaOf(reader.push(Buffer.concat([Buffer.from([0xc7]), Buffer.alloc(72)])))).toHaveLength(1);
    expect(mediaOf(reader.push(opened(6, 5, 5)))).toMatchObject([{ payload: Buffer.alloc(5) }]);
  });

  it("goes on counting times beyond 2^32 ms", () => {
    const delta = Buffer.from([0x86, 0, 0, 32, 9]);
    const bytes = Buffer.concat([encodeMessage(video(Buffer.from([1]), 0xfffffff0), 6, 128), delta]);
    expect(new MessageReader().push(bytes).map(({ timestampMs }) => timestampMs)).toEqual([0xfffffff0, 16]);
  });

  it.each([
    { habit: "repeats it on chunks of type 3", repeats: true },
    { habit: "leaves it out there", repeats: false },
  ])("reads an extended timestamp from a sender that $habit, however the bytes arrive", ({ repeats }) => {
    const payload = Buffer.alloc(300, 7);
    const timestampMs = 0x1000000;
    const whole = encodeMessage(video(payload, timestampMs), 6, 128);
    // 12 bytes of header, 4 of the timestamp, 128 of payload; then the next chunk's 1 and 4.
    const first = 12 + 4 + 128;
    const without = Buffer.concat([
      ...[whole.subarray(0, first + 1), whole.subarray(first + 5, first + 5 + 128 + 1)],
      whole.subarray(first + 5 + 128 + 5),
    ]);
    const bytes = Buffer.concat([repeats ? whole : without, encodeMessage(video(Buffer.from([1]), 5), 6, 128)]);
    for (const size of [1, 3, bytes.length]) {
      const reader = new MessageReader();
      const messages: RtmpMessage[] = [];
      for (let at = 0; at < bytes.length; at += size) messages.push(...reader.push(bytes.subarray(at, at + size)));
      expect(messages).toEqual([video(payload, timestampMs), video(Buffer.from([1]), 5)]);
    }
  });

  it("returns the same messages and the same errors, however the bytes arrive", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 40 }), (bytes, size) => {
        const outcome = (step: number) => {
          const reader = new MessageReader({ messageBytes: 500, partialBytes: 900 });
          const messages: RtmpMessage[] = [];
          try {
            for (let at = 0; at < bytes.length; at += step)
              for (const message of reader.push(Buffer.from(bytes.subarray(at, at + step)))) messages.push(message);
          } catch (error) {
            if (!(error instanceof RtmpFault)) throw error;
            return error.message;
          }
          return messages;
        };
        expect(outcome(size)).toEqual(outcome(1));
      }),
      { numRuns: 500 },
    ));
});
