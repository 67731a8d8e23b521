import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { needs } from "../lib/needs.ts";
import { startStoredStage } from "../lib/storage/stored-stage.ts";

// Owncast cleans a bucket up once a minute, so this takes minutes: LECTERN_CLEAN_UPS=3 runs it.
const cleanUps = Number(process.env.LECTERN_CLEAN_UPS ?? 0);
const sizes = [160, 192, 224, 256];
const rendition = (at: number) => ({
  ...{ name: `R${at}`, width: sizes[at], height: 90, framerate: 10, bitrateKbps: 400 + 10 * at, cpuUsage: "lowest" },
});

/** The names of a rendition's listed segments, newest last. */
async function listedIn(folder: string): Promise<string[]> {
  const response = await fetch(`${folder}/stream.m3u8`);
  return response.ok ? [...(await response.text()).matchAll(/^stream-.*\.ts$/gm)].map(([name]) => name) : [];
}

/** Plays a stage for some clean-ups. Counts requests for listed segments, and those that were answered 404 while listed. */
async function playThrough(latency: string, renditions: number): Promise<{ asked: number; gone: number }> {
  // The rule would refuse some of these ladders: Owncast gets them by its own API.
  const stage = await startStoredStage({ latency, ladder: [rendition(0)] });
  try {
    const value = Array.from({ length: renditions }, (_, at) => ({
      ...{ name: `R${at}`, videoPassthrough: false, audioPassthrough: true, videoBitrate: 400 + 10 * at },
      ...{ audioBitrate: 0, scaledWidth: sizes[at], scaledHeight: 90, framerate: 10, cpuUsageLevel: 0 },
    }));
    await stage.host.admin("config/video/streamoutputvariants", { value });
    const camera = await stage.host.goLive();
    const folders = value.map((_, at) => `${stage.storage.viewers}/hls/${at}`);
    const counts = { asked: 0, gone: 0 };
    const until = Date.now() + (cleanUps * 60 + 15) * 1000;
    while (Date.now() < until) {
      for (const folder of folders)
        for (const name of await listedIn(folder)) {
          counts.asked += 1;
          const { status } = await fetch(`${folder}/${name}`, { method: "HEAD" });
          if (status !== 200 && (await listedIn(folder)).includes(name)) counts.gone += 1;
        }
      await sleep(200);
    }
    await camera.stop();
    return counts;
  } finally {
    await stage.stop();
  }
}

const lack =
  "minutes, as in LECTERN_CLEAN_UPS=3 npx vitest run --project e2e checks/owncast/clean-up-keeps-what-is-listed.test.ts";

describe("over some clean-ups of object storage", needs(cleanUps > 0, lack), () => {
  test.each([
    { latency: "medium", renditions: 3 },
    { latency: "low", renditions: 2 },
  ])("with $renditions renditions and latency $latency, no listed segment is gone", async ({ latency, renditions }) => {
    const counts = await playThrough(latency, renditions);
    console.log(latency, renditions, counts);
    expect(counts.asked).toBeGreaterThan(500);
    expect(counts.gone).toBe(0);
  });

  test("with one rendition too many, listed segments are gone", async () => {
    const counts = await playThrough("low", 3);
    console.log("low", 3, counts);
    expect(counts.gone).toBeGreaterThan(0);
  });
});
