import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { loadFile } from "../../codegen/load/load-seed.ts";
import { startCamera } from "../../src/local/on-air.ts";
import { apply, type Plan, plan } from "../../src/owncast/apply/apply.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { everyExample } from "../lib/owncast/everything.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { untilOnAir } from "../lib/stream/owncast-state.ts";
import { clocksOf, recordStream, type StreamRecord } from "../lib/stream/stream-record.ts";

const rendition = (name: string, width: number, height: number, bitrateKbps: number) => ({
  name,
  width,
  height,
  framerate: 15,
  bitrateKbps,
  cpuUsage: "lowest",
});
const ladder = [rendition("S", 256, 144, 400), rendition("M", 320, 180, 500)];
const before = { instance: { name: "Before", pageText: "" }, video: { latency: "lowest", ladder } };

/** All settings but pictures, which need files, and the directory, which contacts other servers. */
function changed(video: object) {
  const { instance, chat, appearance, federation, storage, ...rest } = everyExample();
  const { logo: _, favicon: __, ...colours } = appearance ?? {};
  const { emoji: ___, ...talk } = chat ?? {};
  const { objectStorage: ____, ...addresses } = storage ?? {};
  return {
    instance,
    chat: talk,
    appearance: colours,
    federation,
    storage: addresses,
    integrations: rest.integrations,
    video,
  };
}

let folder: string;
let stand: Stand;
let records: StreamRecord[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-live-"));
  writeFileSync(join(folder, "main.yaml"), stringify(before));
  stand = await startStand(join(folder, "main.yaml"));
  await startCamera(stand);
  await untilOnAir(stand.owncastUrl, ladder.length);
  // Reads from Owncast itself: a keeper in between could hide breaks.
  records = await Promise.all(ladder.map((_, index) => recordStream(`${stand.owncastUrl}/hls/${index}/stream.m3u8`)));
});
afterAll(async () => {
  for (const record of records ?? []) await record.stop().catch(() => {});
  await stand?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

async function target(stage: object) {
  const file = join(folder, "main.yaml");
  writeFileSync(file, stringify(stage));
  const { seed, assets } = await loadFile(file);
  const stateDir = stand.stateDir;
  return { seed, assets, reveal: stand.reveal, url: stand.owncastUrl, deadlineSeconds: 30, stateDir };
}

/** Waits until every rendition has some more segments. */
async function flowOn(): Promise<void> {
  const from = records.map(({ newest }) => newest.at(-1) ?? 0);
  const grown = () =>
    records.every((record, index) => {
      record.check();
      return (record.newest.at(-1) ?? 0) >= from[index]! + 2;
    });
  await expect.poll(grown, { timeout: 120_000, interval: 100 }).toBe(true);
}

test("all kinds of settings change and change back during a stream: no segment is missing, no playlist starts again", async () => {
  await flowOn();
  const video = { latency: "high", codec: "libx264", ladder: [rendition("Other", 640, 360, 900)] };
  const applied: Plan[] = [];
  const steps = [changed(video), before, changed({ latency: "low", ladder: ladder.slice(1) }), before];
  for (const stage of isExhaustive ? steps : steps.slice(0, 2)) {
    applied.push(await apply(await target(stage)));
    expect((await plan(await target(stage))).changes).toEqual([]);
    await flowOn();
  }
  for (const record of records) await record.stop();
  const paths = applied[0]?.changes.map(({ path }) => path) ?? [];
  expect(paths.length).toBeGreaterThan(20);
  expect(paths).toEqual(expect.arrayContaining(["video.latency", "video.ladder", "instance.name"]));
  for (const record of records) {
    const { newest, playlists, segments } = record;
    // Each changed playlist has a newer segment.
    expect(newest).toEqual([...new Set(newest)].sort((a, b) => a - b));
    expect(playlists.filter((text) => /EXT-X-(?:DISCONTINUITY|ENDLIST)/.test(text))).toEqual([]);
    const numbers = [...segments.keys()].sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    const clocks = await clocksOf(record);
    expect(clocks.length).toBeGreaterThan(isExhaustive ? 100 : 60);
    expect(clocks.filter((clock, index) => !(index === 0 || clock > clocks[index - 1]!))).toEqual([]);
  }
});
