import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestFolder } from "../lib/keeper/model-folder.ts";
import { cacheIn, type GoldenFront } from "../lib/site/front.ts";
import { onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";

const names = [1, 2, 3].map((number) => `stream-abc-${number}.ts`);
const fromOwncast = "from Owncast itself";
// There is no such rendition: the keeper has no playlist for it.
const unheardOf = "/hls/9/stream.m3u8";

onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-site-"));
  const hls = join(cacheIn(folder), "main/hls");
  let hangs = false;
  let owncast: Server;
  let keeper: KeeperProcess;
  let site: GoldenFront;

  beforeAll(async () => {
    mkdirSync(join(hls, "0"), { recursive: true });
    for (const name of names) writeFileSync(join(hls, "0", name), "video ".repeat(940));
    const listed = names.map(
      (name) => `#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000+0000\n#EXTINF:2.000000,\n${name}\n`,
    );
    const head =
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    writeFileSync(join(hls, "0/stream.m3u8"), `${head}${listed.join("")}`);
    writeFileSync(
      join(hls, "stream.m3u8"),
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-STREAM-INF:BANDWIDTH=500000\n0/stream.m3u8\n",
    );
    owncast = createServer(({ url }, response) => {
      if (!hangs || url !== unheardOf) response.end(fromOwncast);
    }).listen(0, "127.0.0.1");
    await once(owncast, "listening");
    const upstream = `127.0.0.1:${(owncast.address() as AddressInfo).port}`;
    const socket = join(folder, "keeper.sock");
    keeper = await startKeeper(socket, `http://${upstream}`, hls);
    const places = { "/run/lectern/main-keeper.sock": socket, "127.0.0.1:8080": upstream };
    site = await startGoldenFront(front, "one", { folder, sites: ["one.test"], places });
  });
  afterAll(async () => {
    await site?.stop();
    await keeper?.stop();
    owncast?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => site.get("one.test", path, headers);
  const playlist = async () => (await get("/hls/0/stream.m3u8")).body.toString();

  test.each(["zstd", "gzip"])("a client that accepts %s gets video uncompressed", async (encoding) => {
    const { headers, body } = await get("/hls/0/stream-abc-1.ts", { "accept-encoding": encoding });
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers["content-type"]).toBe("video/mp2t");
    expect(body.toString()).toBe("video ".repeat(940));
  });

  test("the admin page is closed, the page is Owncast's", async () => {
    expect((await get("/admin")).status).toBe(404);
    expect((await get("/")).body.toString()).toBe(fromOwncast);
  });

  test("a playlist that the keeper does not have comes from Owncast; if Owncast takes the request and says nothing, the player gets 503 within seconds", async ({
    expect,
  }) => {
    await expect.poll(playlist, { timeout: 60_000 }).toContain(names.at(-1));
    expect((await get(unheardOf)).body.toString()).toBe(fromOwncast);
    hangs = true;
    const since = Date.now();
    expect((await get(unheardOf)).status).toBe(503);
    expect(Date.now() - since).toBeLessThan(9000);
  });

  test("playlists are the keeper's, Owncast's while it is away, and the keeper's again", async ({ expect }) => {
    // The keeper needs a second look before it trusts what it read.
    await expect.poll(playlist, { timeout: 60_000 }).toContain(names.at(-1));
    await keeper.kill();
    await expect.poll(playlist, { timeout: 60_000 }).toBe(fromOwncast);
    await keeper.start();
    await expect.poll(playlist, { timeout: 60_000, interval: 500 }).toContain(names.at(-1));
  });

  test("a player that asks just before the first segment of a new session waits for it", async ({ expect }) => {
    const model = new TestFolder(join(cacheIn(folder), "main"));
    model.owncast.connect(1, 2, 3);
    for (let made = 0; made < 3; made++) model.owncast.segment();
    model.write();
    await expect.poll(playlist, { timeout: 60_000 }).toContain("stream-s1-x-2.ts");
    model.owncast.drop();
    model.write();
    await sleep(1000);
    model.owncast.connect(1, 2, 3);
    model.write();
    // The keeper lets a player wait from half a segment after the wipe, on a connection that the front has used before.
    await sleep(1300);
    const since = Date.now();
    const asked = playlist();
    await sleep(900);
    model.owncast.segment();
    model.write();
    expect(await asked).toContain("stream-s2-x-0.ts");
    expect(Date.now() - since).toBeGreaterThan(850);
  });
});
