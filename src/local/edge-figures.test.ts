import { expect, it } from "vitest";
import { SegmentCounts } from "./edge-figures.ts";

const log = [
  "200 1000 /hls/0/stream-a-1.ts 200",
  "200 1000 /hls/0/stream-a-1.ts -",
  "206 100 /hls/0/stream-a-1.ts -",
  "200 3000 /hls/0/stream-a-2.ts 502, 200",
  "404 9 /hls/0/stream-a-0.ts 404",
  "200 99 /hls/0/stream-offline-0.ts 200",
  "not a line of this log",
].join("\n");
const expected = { served: 4, different: 2, fetched: 3, servedBytes: 5100 };

it("counts what viewers got and each request to the origin for it, but no errors", () => {
  const counts = new SegmentCounts();
  counts.add(`${log}\n`);
  expect(counts.figures).toEqual(expected);
});

it("counts the same wherever the log is cut, and nothing before a line is whole", () => {
  for (let at = 0; at <= log.length; at++) {
    const counts = new SegmentCounts();
    counts.add(log.slice(0, at));
    counts.add(`${log.slice(at)}\n200 7 /hls/0/stream-a-3.t`);
    expect(counts.figures).toEqual(expected);
  }
});

it("counts a segment as different once, also after it has forgotten old names", () => {
  const counts = new SegmentCounts();
  for (let number = 0; number < 20_000; number++)
    counts.add(`200 1 /hls/0/${number}.ts -\n200 1 /hls/0/${number}.ts -\n`);
  expect(counts.figures).toEqual({ served: 40_000, different: 20_000, fetched: 0, servedBytes: 40_000 });
});
