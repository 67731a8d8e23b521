import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pcmOfWav } from "./wav.ts";

const format = { sampleRate: 16_000, channels: 1 };
const sound = Buffer.from([1, 2, 3, 4]);

function chunk(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function formatChunk({ kind = 1, channels = 1, rate = 16_000, bits = 16 } = {}): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(kind, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt16LE(bits, 14);
  return chunk("fmt ", body);
}

const wavOf = (...chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE", "latin1"), ...chunks]);

describe("the sound of a WAV file", () => {
  it.each([
    ["its data", wavOf(formatChunk(), chunk("data", sound))],
    [
      "found behind other chunks, odd ones too",
      wavOf(formatChunk(), chunk("LIST", Buffer.alloc(3)), chunk("data", sound)),
    ],
    ["whole samples", wavOf(formatChunk(), chunk("data", Buffer.concat([sound, Buffer.from([5])])))],
  ])("is %s", (_, wav) => expect(pcmOfWav(wav, format)).toEqual(sound));

  it.each([
    ["another file", Buffer.from("no sound at all"), "not a WAV"],
    ["an empty output", Buffer.alloc(0), "not a WAV"],
    ["another rate", wavOf(formatChunk({ rate: 8000 }), chunk("data", sound)), "is not 16000 Hz"],
    ["stereo", wavOf(formatChunk({ channels: 2 }), chunk("data", sound)), "1 channel"],
    ["another codec", wavOf(formatChunk({ kind: 3 }), chunk("data", sound)), "16 bit"],
    ["8 bit", wavOf(formatChunk({ bits: 8 }), chunk("data", sound)), "16 bit"],
    ["a file that is cut off", wavOf(formatChunk(), chunk("data", sound)).subarray(0, -1), "cut off"],
    ["a file without sound", wavOf(formatChunk(), chunk("data", Buffer.alloc(0))), "no sound"],
    ["a file of a format alone", wavOf(formatChunk()), "no sound"],
  ])("is not %s", (_, wav, says) => expect(() => pcmOfWav(wav, format)).toThrow(says));

  it("is found or refused in any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => pcmOfWav(wavOf(Buffer.from(bytes)), format)).toThrow(Error);
      }),
    );
  });
});
