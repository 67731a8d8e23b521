import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { cacheIn, type GoldenFront } from "../lib/site/front.ts";
import { edgeSites, type GoldenEdge, startGoldenEdge } from "../lib/site/golden-edge.ts";
import { needsNginx, startGoldenFront } from "../lib/site/golden-front.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";

// An Owncast that writes its playlists in place, as the real one does, but so slowly that each eighth look finds one empty or cut; the
// real one takes about a millisecond.
// The keeper, the front and the edge are real.

const variants = [0, 1, 2, 3];
const newest = (at: number) => 20 + Math.floor(at / 1000);
function listAt(at: number): string {
  const first = newest(at) - 5;
  const entries = Array.from({ length: 6 }, (_, number) => {
    const time = new Date(Date.UTC(2026, 0, 1) + (first + number) * 1000).toISOString().replace("Z", "+0000");
    return `#EXT-X-PROGRAM-DATE-TIME:${time}\n#EXTINF:1.000000,\nstream-abc-${first + number}.ts\n`;
  });
  const head = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:1\n";
  return `${head}#EXT-X-MEDIA-SEQUENCE:${first}\n#EXT-X-INDEPENDENT-SEGMENTS\n${entries.join("")}`;
}
const isWhole = (text: string) => text.startsWith("#EXTM3U\n") && /\nstream-abc-\d+\.ts\n$/.test(text);

describe.runIf(isExhaustive)("an edge", needsNginx, () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-torn-"));
  const hls = join(cacheIn(folder), "main/hls");
  const listOf = (variant: number) => join(hls, `${variant}/stream.m3u8`);
  let owncast: Server;
  let keeper: KeeperProcess;
  let origin: GoldenFront;
  let edge: GoldenEdge;
  let isOver = false;
  let writing: Promise<void>;

  /** Writes the lists again and again: empty, cut, whole. */
  async function write(): Promise<void> {
    const since = Date.now();
    for (let step = 0; !isOver; step++) {
      const text = listAt(Date.now() - since);
      for (const variant of variants) {
        const number = newest(Date.now() - since);
        writeFileSync(join(hls, `${variant}/stream-abc-${number}.ts`), "video ".repeat(94));
        const parts = ["", text.slice(0, text.length / 2), text.slice(0, -3)];
        writeFileSync(listOf(variant), parts[step % 24] ?? text);
      }
      await sleep(10);
    }
  }

  beforeAll(async () => {
    for (const variant of variants) {
      mkdirSync(join(hls, `${variant}`), { recursive: true });
      for (let number = 10; number <= 20; number++)
        writeFileSync(join(hls, `${variant}/stream-abc-${number}.ts`), "video ".repeat(94));
      writeFileSync(listOf(variant), listAt(0));
    }
    const master = variants.map(
      (variant) => `#EXT-X-STREAM-INF:BANDWIDTH=${variant + 1}00000\n${variant}/stream.m3u8\n`,
    );
    writeFileSync(join(hls, "stream.m3u8"), `#EXTM3U\n#EXT-X-VERSION:6\n${master.join("")}`);
    owncast = createServer(({ url }, response) => {
      const [, variant] = /^\/hls\/(\d)\/stream\.m3u8/.exec(url ?? "") ?? [];
      response.end(variant ? readFileSync(listOf(Number(variant))) : JSON.stringify({ online: true }));
    }).listen(0, "127.0.0.1");
    await once(owncast, "listening");
    const upstream = `127.0.0.1:${(owncast.address() as AddressInfo).port}`;
    const socket = join(folder, "keeper.sock");
    writing = write();
    keeper = await startKeeper(socket, `http://${upstream}`, hls);
    const places = { "/run/lectern/main-keeper.sock": socket, "127.0.0.1:8080": upstream };
    origin = await startGoldenFront("nginx", "origin", { folder, sites: ["one.test"], places });
    edge = await startGoldenEdge(join(folder, "edge"), { port: origin.ports.https, caFile: origin.caFile });
  });
  afterAll(async () => {
    isOver = true;
    await writing;
    await edge?.stop();
    await origin?.stop();
    await keeper?.stop();
    owncast?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** What viewers of both of the edge's sites get, in that many requests. */
  async function watch(count: number): Promise<{ whole: number; torn: number; none: number }> {
    const seen = { whole: 0, torn: 0, none: 0 };
    const sites = Object.values(edgeSites);
    const one = async (number: number) => {
      const path = `/hls/${variants[number % variants.length]}/stream.m3u8?cachebust=${number}`;
      const { status, body } = await edge.get(path, {}, sites[number % sites.length]);
      seen[status !== 200 ? "none" : isWhole(`${body}`) ? "whole" : "torn"]++;
    };
    for (let done = 0; done < count; done += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, number) => one(done + number)));
      await sleep(100);
    }
    return seen;
  }

  test("behind an Owncast that tears its playlists, no viewer of the edge gets a torn one", async () => {
    for (const variant of variants) {
      const asked = () => origin.get("one.test", `/hls/${variant}/stream.m3u8`);
      while ((await asked()).headers["cache-control"] !== "public, max-age=1") await sleep(100);
    }
    // What the edge got before that is old then.
    await sleep(2500);
    const count = 1500;
    expect(await watch(count)).toEqual({ whole: count, torn: 0, none: 0 });
  });

  test("without the keeper viewers would get torn ones, so the test above can fail", async () => {
    await keeper.stop();
    rmSync(join(folder, "keeper.sock"), { force: true });
    await sleep(2500);
    await expect.poll(async () => (await watch(100)).torn, { timeout: 60_000 }).toBeGreaterThan(0);
  });
});
