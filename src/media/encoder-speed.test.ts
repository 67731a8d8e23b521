import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { encoderSpeed, finishedSegments, isTooSlow } from "./encoder-speed.ts";

const every = (ms: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ seconds: 2, atMs: index * ms }));

it("is 1 for 2 s of video every 2 s, and less when the encoder falls behind", () => {
  expect(encoderSpeed(every(2000, 6))).toBeCloseTo(1);
  expect(encoderSpeed(every(2500, 6))).toBeCloseTo(0.8);
});

it.each([
  [0.48, true],
  [0.89, true],
  // People see 0.90, and this value is judged.
  [0.896, false],
  [0.96, false],
  [undefined, false],
])("a speed of %d is too slow: %s", (speed, expected) => expect(isTooSlow(speed)).toBe(expected));

it("is unknown from fewer than four segments", () => {
  expect(encoderSpeed(every(2000, 3))).toBeUndefined();
});

it("is read from the finished segments of a variant, and from none if the playlist is empty", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-hls-"));
  try {
    writeFileSync(join(folder, "stream.m3u8"), "");
    expect(await finishedSegments(folder)).toEqual([]);
    const playlist =
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.000000,\n#EXT-X-PROGRAM-DATE-TIME:x\nstream-a-0.ts\n#EXTINF:1.5,\nstream-a-1.ts\n";
    writeFileSync(join(folder, "stream.m3u8"), playlist);
    for (const [name, at] of [
      ["stream-a-0.ts", 100],
      ["stream-a-1.ts", 102],
    ] as const) {
      writeFileSync(join(folder, name), "");
      utimesSync(join(folder, name), at, at);
    }
    expect(await finishedSegments(folder)).toEqual([
      { seconds: 2, atMs: 100_000 },
      { seconds: 1.5, atMs: 102_000 },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
