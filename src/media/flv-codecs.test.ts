import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFlv, FlvReader, flvType } from "./flv.ts";
import { readAudioTag, readVideoTag } from "./flv-codecs.ts";

const bytes = (head: readonly number[], text = "", tail: readonly number[] = [1, 2, 3]) =>
  Buffer.concat([Buffer.from(head), Buffer.from(text, "latin1"), Buffer.from(tail)]);

describe("the reader knows a video tag", () => {
  it.each([
    { claim: "of H.264", data: bytes([0x17, 1, 0, 0, 0]), is: { codec: "h264", isFrame: true, isKeyframe: true } },
    {
      claim: "between keyframes",
      data: bytes([0x27, 1, 0, 0, 0]),
      is: { codec: "h264", isFrame: true, isKeyframe: false },
    },
    {
      claim: "of the decoder's configuration",
      data: bytes([0x17, 0, 0, 0, 0]),
      is: { codec: "h264", isFrame: false, isKeyframe: false },
    },
    {
      claim: "of HEVC by the older extension",
      data: bytes([0x1c, 1, 0, 0, 0]),
      is: { codec: "hevc", isFrame: true, isKeyframe: true },
    },
    {
      claim: "of HEVC's decoder configuration by Enhanced RTMP",
      data: bytes([0x90], "hvc1"),
      is: { codec: "hevc", isFrame: false, isKeyframe: false },
    },
    {
      claim: "of HEVC by Enhanced RTMP",
      data: bytes([0x91], "hvc1"),
      is: { codec: "hevc", isFrame: true, isKeyframe: true },
    },
    {
      claim: "of HEVC without a composition time",
      data: bytes([0xa3], "hvc1"),
      is: { codec: "hevc", isFrame: true, isKeyframe: false },
    },
    { claim: "of AV1", data: bytes([0x91], "av01"), is: { codec: "av1", isFrame: true, isKeyframe: true } },
    {
      claim: "of H.264 by Enhanced RTMP",
      data: bytes([0x91], "avc1"),
      is: { codec: "avc1", isFrame: true, isKeyframe: true },
    },
    {
      claim: "of the first of several tracks",
      data: bytes([0x96, 0x01], "hvc1", [0, 1]),
      is: { codec: "hevc", isFrame: true, isKeyframe: true },
    },
    {
      claim: "of a further track",
      data: bytes([0x96, 0x01], "hvc1", [1, 1]),
      is: { codec: undefined, isFrame: false, isKeyframe: false },
    },
    { claim: "of several tracks that breaks off", data: bytes([0x96], "", []), is: { codec: undefined } },
    { claim: "of a command", data: bytes([0x52, 0]), is: { codec: undefined, isFrame: false } },
    { claim: "of a command in H.264", data: bytes([0x57, 1]), is: { codec: undefined, isFrame: false } },
    { claim: "of a command by Enhanced RTMP", data: bytes([0xd1], "hvc1"), is: { codec: undefined, isFrame: false } },
    { claim: "with a modifier", data: bytes([0x97], "hvc1"), is: { codec: undefined, isFrame: false } },
    { claim: "of a codec name with terminal control codes", data: bytes([0x91], "\x1b[2J"), is: { codec: undefined } },
    { claim: "without a byte", data: Buffer.alloc(0), is: { codec: undefined, isFrame: false } },
  ])("$claim", ({ data, is }) => expect(readVideoTag(data)).toMatchObject(is));
});

describe("the reader knows a sound tag", () => {
  it.each([
    { claim: "of AAC", data: bytes([0xaf, 1]), is: { codec: "aac", isSound: true } },
    {
      claim: "of AAC's decoder configuration",
      data: bytes([0xaf, 0], "", [0x11, 0x90]),
      is: { codec: "aac", isSound: false, parameters: { sampleRate: 48_000, channels: 2 } },
    },
    {
      claim: "of mono at 44.1 kHz",
      data: bytes([0xaf, 0], "", [0x12, 0x08]),
      is: { parameters: { sampleRate: 44_100, channels: 1 } },
    },
    { claim: "of MP3", data: bytes([0x2f]), is: { codec: "mp3", isSound: true } },
    { claim: "of MP3 at 8 kHz", data: bytes([0xef]), is: { codec: "mp3", isSound: true } },
    { claim: "of Opus by Enhanced RTMP", data: bytes([0x91], "Opus"), is: { codec: "opus", isSound: true } },
    { claim: "of AAC by Enhanced RTMP", data: bytes([0x91], "mp4a"), is: { codec: "mp4a", isSound: true } },
    { claim: "of a further track", data: bytes([0x95, 1], "mp4a"), is: { codec: undefined, isSound: false } },
    { claim: "with a modifier", data: bytes([0x97], "mp4a"), is: { codec: undefined, isSound: false } },
    { claim: "without a byte", data: Buffer.alloc(0), is: { codec: undefined, isSound: false } },
  ])("$claim", ({ data, is }) => expect(readAudioTag(data)).toMatchObject(is));
});

it("the reader accepts any bytes without an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (any) => {
      readVideoTag(Buffer.from(any));
      readAudioTag(Buffer.from(any));
    }),
  );
});

it("the reader returns the tags that ffmpeg wrote as FLV", () => {
  const tags = [
    { type: flvType.audio, timestampMs: 0, data: Buffer.from([0xaf, 0, 1]) },
    { type: flvType.video, timestampMs: 0x1234567, data: Buffer.from([0x17, 1]) },
  ];
  expect(new FlvReader().push(encodeFlv(tags))).toEqual(tags);
});
