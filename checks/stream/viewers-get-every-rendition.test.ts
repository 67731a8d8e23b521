import { spawnSync } from "node:child_process";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCamera, waitUntilProven } from "../../src/local/on-air.ts";
import { get } from "../../src/viewer/http-client.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";

// Three large renditions keep two processors busy; the sample has two small ones.
const stageFile = isExhaustive ? "hosts/live/stages/main.yaml" : "checks/page/stage.yaml";
const sizes = isExhaustive ? ["854x480", "1280x720", "1920x1080"] : ["320x180", "640x360"];
let stand: Stand;
beforeAll(async () => {
  stand = await startStand(stageFile);
  await startCamera(stand);
});
afterAll(() => stand?.stop());

const fetchPath = (path: string, headers: Record<string, string> = {}) =>
  get(`${stand.page}${path}`, { caFile: stand.caFile, headers });

describe("with a camera publishing", () => {
  test("every declared rendition decodes at its size with a running clock", async () => {
    const report = await waitUntilProven(stand);
    // Two processors may be too slow for three renditions. This test checks the renditions, not the speed.
    expect(report.faults.filter(({ check }) => check !== "pace")).toEqual([]);
    expect(report.renditions.map(({ width, height }) => `${width}x${height}`)).toEqual(sizes);
  });

  test("Owncast's folder of segments is no link: through a link, Owncast would not remove old segments", () =>
    expect(lstatSync(join(stand.stateDir, "data/hls")).isDirectory()).toBe(true));

  // Without Caddy, Owncast serves its admin page or admin API at each of these; two of them need no password.
  test.each([
    "/admin",
    "/admin/",
    "/%61dmin/",
    "/admin%2f",
    "//admin/",
    "/x/../admin/",
    "/api/admin/serverconfig",
    "/api//admin/serverconfig",
  ])("the admin page is closed at %s", async (path) => {
    expect((await get(`${stand.owncastUrl}${path}`)).status).not.toBe(404);
    const { status, body } = await fetchPath(path);
    expect({ status, body: body.toString() }).toEqual({ status: 404, body: "Not found" });
  });

  test("a viewer cannot take a name in the chat by a header", async () => {
    const register = async (address: string): Promise<string> => {
      const headers = ["-H", "X-Forwarded-User: Boss", "-H", "Content-Type: application/json", "-d", "{}"];
      const curl = spawnSync("curl", ["-sk", "-m", "10", ...headers, `${address}/api/chat/register`], {
        encoding: "utf8",
      });
      return (JSON.parse(curl.stdout) as { displayName: string }).displayName;
    };
    expect(await register(stand.owncastUrl)).toBe("Boss");
    expect(await register(stand.page)).not.toBe("Boss");
  });

  test("a segment comes from disk: unchanged, typed, cacheable, also when Owncast has stopped", async () => {
    const master = (await fetchPath("/hls/0/stream.m3u8")).body.toString();
    const segment = `/hls/0/${/^\S+\.ts$/m.exec(master)?.[0].split("/").at(-1)}`;
    const zstd = { "Accept-Encoding": "zstd, gzip" };
    const live = await fetchPath(segment, zstd);
    expect(live.status).toBe(200);
    expect(live.headers["content-encoding"]).toBeUndefined();
    expect(live.headers["content-type"]).toBe("video/mp2t");
    expect(live.headers["cache-control"]).toContain("max-age=31557600");
    await stand.part("Owncast").stop();
    const stopped = await fetchPath(segment, zstd);
    expect(stopped.status).toBe(200);
    expect(stopped.body.equals(live.body)).toBe(true);
    // This proves that Owncast has stopped.
    expect((await fetchPath("/api/status")).status).toBe(503);
  });

  test("an absent segment gets 404, which is not cached", async () => {
    const missing = await fetchPath("/hls/0/stream-none-1.ts");
    expect(missing.status).toBe(404);
    expect(missing.headers["cache-control"]).toBe("no-store");
  });
});
