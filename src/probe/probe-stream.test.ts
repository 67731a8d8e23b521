import { expect, it } from "vitest";
import type { Viewer } from "../viewer/viewer.ts";
import { awaitStream, matchRenditions } from "./probe-stream.ts";

const declared = (name: string, width: number, height: number, bitrateKbps = 1000) => ({
  name,
  width,
  height,
  framerate: 30,
  bitrateKbps,
});
const variant = (uri: string, width: number, height: number, bandwidthBps = 1_000_000) => ({
  uri,
  width,
  height,
  bandwidthBps,
});

it("matches renditions by size, in any order", () => {
  const { pairs, missing, extra } = matchRenditions(
    [declared("SD", 854, 480), declared("HD", 1280, 720)],
    [variant("0", 1280, 720), variant("1", 854, 480)],
  );
  expect(pairs.map((pair) => [pair.declared.name, pair.variant.uri])).toEqual([
    ["SD", "1"],
    ["HD", "0"],
  ]);
  expect([missing, extra]).toEqual([[], []]);
});

it("matches the higher bitrates if two renditions have the same size", () => {
  const { pairs } = matchRenditions(
    [declared("low", 1280, 720, 1000), declared("high", 1280, 720, 3000)],
    [variant("0", 1280, 720, 3_000_000), variant("1", 1280, 720, 900_000)],
  );
  expect(pairs.map((pair) => [pair.declared.name, pair.variant.uri])).toEqual([
    ["low", "1"],
    ["high", "0"],
  ]);
});

it("names missing and undeclared renditions", () => {
  const { pairs, missing, extra } = matchRenditions(
    [declared("SD", 854, 480), declared("FHD", 1920, 1080), declared("FHD twice", 1920, 1080)],
    [variant("0", 1920, 1080), variant("1", 640, 360), variant("2", 0, 0)],
  );
  expect(pairs).toHaveLength(1);
  expect(missing.map(({ name }) => name)).toEqual(["SD", "FHD twice"]);
  expect(extra.map(({ uri }) => uri)).toEqual(["1", "2"]);
});

it("expects less than the declared bitrate of an encoded rendition, and not of a passthrough one", () => {
  const { pairs } = matchRenditions(
    [declared("encoded", 320, 180, 500), { ...declared("passed on", 320, 180, 500), passthrough: true }],
    [variant("0", 320, 180, 480_000), variant("1", 320, 180, 700_000)],
  );
  expect(pairs.map((pair) => [pair.declared.name, pair.variant.uri])).toEqual([
    ["encoded", "0"],
    ["passed on", "1"],
  ]);
});

it.each([
  [
    "another size",
    [variant("https://x/hls/0/stream.m3u8", 854, 480), variant("https://x/hls/1/stream.m3u8", 640, 360)],
  ],
  [
    "the same size and more bitrate",
    [variant("https://x/hls/0/stream.m3u8", 854, 480, 9e5), variant("https://x/hls/1/stream.m3u8", 854, 480, 3e6)],
  ],
])("matches a passthrough rendition of unknown size with the variant that remains: %s", (_, variants) => {
  const { pairs, missing, extra } = matchRenditions(
    [declared("SD", 854, 480), { ...declared("Source", 0, 0, 0), passthrough: true }],
    variants,
  );
  expect(pairs.map((pair) => [pair.declared.name, pair.variant.uri.at(14)])).toEqual([
    ["SD", "0"],
    ["Source", "1"],
  ]);
  expect([missing, extra]).toEqual([[], []]);
});

it("takes the first edge's renditions of a stage with edges, and calls none of the others undeclared", async () => {
  const renditions = [declared("SD", 854, 480), declared("HD", 1280, 720)];
  const playlist = ["paris", "tokyo", "origin"].flatMap((pathway) => [
    { ...variant(`https://${pathway}.test/hls/0/stream.m3u8`, 854, 480), pathway },
    { ...variant(`https://${pathway}.test/hls/1/stream.m3u8`, 1280, 720), pathway },
  ]);
  const viewer = {
    status: async () => ({ online: true, clockAheadSeconds: 0 }),
    master: async () => ({ playlist, headers: {} }),
  } as unknown as Viewer;
  for (const options of [{ renditions }, {}]) {
    const { subjects, faults } = await awaitStream(viewer, { ...options, deadlineSeconds: 1 });
    expect(faults).toEqual([]);
    expect(subjects.map((subject) => subject.variant?.uri)).toEqual([
      "https://paris.test/hls/0/stream.m3u8",
      "https://paris.test/hls/1/stream.m3u8",
    ]);
  }
});
