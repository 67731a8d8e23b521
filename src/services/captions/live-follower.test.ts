import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeClip } from "../../../checks/lib/stream/clip.ts";
import { FaultLog } from "../../lib/fault-log.ts";
import { findProgram } from "../../lib/programs.ts";
import { KeeperClient } from "./keeper-client.ts";
import { followerFaults, LiveFollower } from "./live-follower.ts";
import { SegmentSounds } from "./segment-sound.ts";
import type { PlacedSegment } from "./track.ts";

let folder: string;
let server: Server;
let answer: RequestListener;
let client: KeeperClient;
let follower: LiveFollower;
let heard: { placed: PlacedSegment; pcm: Buffer }[];
let events: string[];
let said: string[];
let nowMs: number;

const text = (files: readonly string[], more = ""): string =>
  `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n${files
    .map((file) => `#EXTINF:1.000000,\n${file}\n`)
    .join("")}${more}`;
const list =
  (files: readonly string[], more = ""): RequestListener =>
  (_, response) =>
    void response.end(text(files, more));
const names = (): string[] => heard.map(({ placed }) => placed.segment.file);
const look = async (next: RequestListener): Promise<void> => {
  answer = next;
  await follower.look();
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-follower-"));
  mkdirSync(join(folder, "hls/0"), { recursive: true });
  mkdirSync(join(folder, "kept/0"), { recursive: true });
  [heard, events, said, nowMs] = [[], [], [], 10_000];
  server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  client = new KeeperClient({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }, "/hls/0/stream.m3u8");
  follower = new LiveFollower({
    client,
    folders: [join(folder, "kept"), join(folder, "hls")],
    sounds: new SegmentSounds(findProgram("ffmpeg")),
    faults: new FaultLog(followerFaults, "the captions service", (line) => said.push(line)),
    events: {
      began: async () => void events.push("began"),
      heard: (placed, pcm) => void heard.push({ placed, pcm }),
      listed: () => {},
      ended: () => void events.push("ended"),
    },
    now: () => nowMs,
  });
});
afterEach(() => {
  client.stop();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

it("hears each listed segment once, in order, from the kept folder first, at the end of the one before", async () => {
  const clip = await makeClip({ width: 160, height: 90, fps: 10, seconds: 1, bitrateKbps: 100 });
  for (const number of [0, 1, 2, 3]) writeFileSync(join(folder, `kept/0/stream-a-${number}.ts`), clip);
  writeFileSync(join(folder, "hls/0/stream-a-2.ts"), "torn");
  await look(list(["stream-a-0.ts", "stream-a-1.ts", "stream-a-2.ts"]));
  await look(list(["stream-a-0.ts", "stream-a-1.ts", "stream-a-2.ts"]));
  await look(list(["stream-a-1.ts", "stream-a-2.ts", "stream-a-3.ts"]));
  expect(names()).toEqual(["stream-a-1.ts", "stream-a-2.ts", "stream-a-3.ts"]);
  expect(heard.map(({ placed: { segment } }) => [segment.start, segment.end])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect(heard.map(({ pcm }) => pcm.length)).toEqual([32_000, 32_000, 32_000]);
  expect(heard.map(({ placed }) => placed.listedMs)).toEqual([9000, 10_000, 10_000]);
  expect([events, said]).toEqual([["began"], []]);
});

it("ends with the playlist, and begins again with another stream", async () => {
  await look(list(["stream-a-0.ts"]));
  await look(list(["stream-a-0.ts"], "#EXT-X-ENDLIST\n"));
  await look(list(["stream-b-0.ts"]));
  expect(events).toEqual(["began", "ended", "began"]);
  expect(heard.at(-1)?.placed.segment).toMatchObject({ start: 1, end: 2, discontinuity: true });
});

it("waits for a keeper that is gone, and ends after half a minute", async () => {
  await look(list(["stream-a-0.ts"]));
  const gone: RequestListener = (request) => void request.socket.destroy();
  await look(gone);
  nowMs += 29_000;
  await look(gone);
  expect(events).toEqual(["began"]);
  nowMs += 2000;
  await look((_, response) => void response.writeHead(503).end());
  expect(events).toEqual(["began", "ended"]);
  expect(said).toContainEqual(expect.stringContaining("cannot ask the keeper"));
});

it.each<[string, RequestListener, string]>([
  ["tears its playlist", (_, response) => void response.end(text(["stream-a-9.ts"]).slice(0, -9)), "torn"],
  ["sends a megabyte", (_, response) => void response.end("#".repeat(1_000_000)), "longer than"],
  ["answers another status", (_, response) => void response.writeHead(404).end(), "answers 404"],
  ["answers a web page", (_, response) => void response.end("<html></html>\n"), "torn"],
  ["lists what is no segment", list(["../../../../etc/passwd"]), "no segment"],
])("goes on when the keeper %s, and says so", async (_, strange, words) => {
  await look(list(["stream-a-0.ts"]));
  await look(strange);
  await look(list(["stream-a-0.ts", "stream-a-1.ts"]));
  expect(names()).toEqual(["stream-a-0.ts", "stream-a-1.ts"]);
  // The files are missing too.
  expect(said.filter((line) => !line.includes("hears no sound"))).toEqual([expect.stringContaining(words)]);
});

it("is silent for a segment whose file is missing, and estimates its timestamp", async () => {
  const clip = await makeClip({ width: 160, height: 90, fps: 10, seconds: 1, bitrateKbps: 100 });
  for (const number of [0, 2]) writeFileSync(join(folder, `hls/0/stream-a-${number}.ts`), clip);
  await look(list(["stream-a-0.ts"]));
  await look(list(["stream-a-0.ts", "stream-a-1.ts"]));
  await look(list(["stream-a-1.ts", "stream-a-2.ts"]));
  const [first, second] = heard.map(({ placed }) => placed.firstPts);
  expect(second).toBe((first ?? 0) + 90_000);
  expect(heard[1]?.pcm.every((byte) => byte === 0)).toBe(true);
  expect(said).toEqual([expect.stringContaining("stream-a-1.ts: its file is missing")]);
});

it("captions only the newest segments after a pause of its own", async () => {
  const all = Array.from({ length: 30 }, (_, number) => `stream-a-${number}.ts`);
  await look(list(all.slice(0, 2)));
  await look(list(all));
  expect(names()).toEqual(["stream-a-0.ts", "stream-a-1.ts", "stream-a-28.ts", "stream-a-29.ts"]);
  expect(heard.at(-2)?.placed.segment.discontinuity).toBe(true);
});
