import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs, sample } from "../../checks/lib/exhaustive.ts";
import { AdtsFault, AdtsReader, adtsFrame, readSoundSetUp, sampleRates } from "./adts.ts";
import { FlvReader, flvType } from "./flv.ts";

const ffmpeg = (args: readonly string[], input?: Buffer): Buffer =>
  execFileSync("ffmpeg", ["-hide_banner", "-loglevel", "error", ...args], { input, maxBuffer: 2 ** 26 });

/** A real encoder's set-up and packets, as they stand in RTMP. */
function encoded(sampleRate: number, layout: string): { setUp: Buffer; packets: Buffer[] } {
  const tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=0.5"];
  const sound = ["-ar", `${sampleRate}`, "-af", `aformat=channel_layouts=${layout}`, "-c:a", "aac"];
  const flv = ffmpeg([...tone, ...sound, "-f", "flv", "-"]);
  const tags = new FlvReader().push(flv).filter(({ type }) => type === flvType.audio);
  const [first, ...rest] = tags.map(({ data }) => data.subarray(2));
  return { setUp: first ?? Buffer.alloc(0), packets: rest.filter((packet) => packet.length > 0) };
}

const countOf = (adts: Buffer, channels: number): number =>
  ffmpeg(["-f", "aac", "-i", "-", "-f", "s16le", "-"], adts).length / 2 / channels;

describe("AAC of a real encoder", () => {
  const sounds = [
    ...[8000, 16_000, 22_050, 44_100, 48_000, 96_000].map((rate) => ({ rate, layout: "mono", channels: 1 })),
    { rate: 48_000, layout: "stereo", channels: 2 },
    { rate: 48_000, layout: "5.1", channels: 6 },
    { rate: 44_100, layout: "7.1", channels: 8 },
    // These stand in the set-up as a list of speakers.
    { rate: 48_000, layout: "2.1", channels: 3 },
    { rate: 48_000, layout: "6.1", channels: 7 },
  ];
  it.each(sample("kinds of AAC", sounds, 2))(
    "of $rate samples/s, $layout, is decoded from ADTS whole",
    ({ rate, layout, channels }) => {
      const { setUp, packets } = encoded(rate, layout);
      const format = readSoundSetUp(setUp);
      if (typeof format === "string") throw new Error(format);
      expect(format.sampleRate).toBe(rate);
      const adts = Buffer.concat(packets.map((packet) => adtsFrame(format, packet) ?? Buffer.alloc(0)));
      expect(countOf(adts, channels)).toBe(packets.length * 1024);
      const read = new AdtsReader().push(adts);
      expect(read.map(({ sampleRate }) => sampleRate)).toEqual(packets.map(() => rate));
    },
  );
});

describe("a set-up", () => {
  it.each([
    ["HE-AAC", [0x2b, 0x92, 0x08, 0x00], "HE-AAC"],
    ["AAC Main", [0x0a, 0x10], "AAC Main"],
    ["an escaped type", [0xf8, 0x88, 0x00], "AAC of type 36"],
    ["frames of 960 samples", [0x12, 0x14], "AAC with short frames"],
    ["an unknown channel layout", [0x12, 0x78], "AAC with the channel layout 15"],
    ["nothing", [], "AAC with an unreadable set-up"],
    ["a list of speakers that is cut off", [0x11, 0x80, 0x04], "AAC with an unreadable set-up"],
  ])("that says %s is named", (_, bytes, name) => expect(readSoundSetUp(Buffer.from(bytes))).toBe(name));

  it("may spell its sample rate out", () => {
    const bytes = Buffer.from([0x17, 0x80, 0x56, 0x22, 0x08, 0x00]);
    expect(readSoundSetUp(bytes)).toMatchObject({ sampleRate: 44_100, rateIndex: 4, channelConfiguration: 1 });
  });

  it("of any bytes is read or named, and never throws", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const format = readSoundSetUp(bytes);
        if (typeof format === "string") return format.startsWith("AAC") || format.includes("AAC");
        return sampleRates.includes(format.sampleRate) && format.layout.length < 400;
      }),
      { numRuns: runs(500, 50_000) },
    ));
});

describe("a reader of ADTS", () => {
  const format = { rateIndex: 3, sampleRate: 48_000, channelConfiguration: 1, layout: Buffer.alloc(0) };
  const stream = fc
    .array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 8 })
    .map((sounds) => sounds.map((sound) => adtsFrame(format, sound) as Buffer));

  it("finds the frames, however they are cut", () =>
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 400 }), (frames, size) => {
        const reader = new AdtsReader();
        const bytes = Buffer.concat(frames);
        const read: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size)
          read.push(...reader.push(bytes.subarray(at, at + size)).map((frame) => frame.bytes));
        expect(read).toEqual(frames);
      }),
    ));

  it("refuses any other bytes at once", () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 7, maxLength: 40_000 }), (bytes) => {
        try {
          const read = new AdtsReader().push(Buffer.from(bytes));
          return read.every(({ bytes: frame }) => frame.length > 7);
        } catch (error) {
          return error instanceof AdtsFault;
        }
      }),
    ));

  it("makes no frame that is longer than AAC's", () => {
    expect(adtsFrame(format, Buffer.alloc(8184))).toHaveLength(8191);
    expect(adtsFrame(format, Buffer.alloc(8185))).toBeUndefined();
    expect(adtsFrame(format, Buffer.alloc(0))).toBeUndefined();
  });
});
