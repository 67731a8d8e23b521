import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { probeEdge } from "../../src/probe/probe-edge.ts";
import { type SteerService, startSteerService } from "../../src/services/steer/steer-service.ts";
import { startArticleFront } from "../lib/browser/article-front.ts";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { startChromium } from "../lib/browser/chromium.ts";
import { untilSettled } from "../lib/browser/drop.ts";
import { freezes } from "../lib/browser/freezes.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { type SmallEdge, startSmallEdge } from "../lib/site/small-edge.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";
import { type Camera, cameraFor } from "../lib/stream/losable-camera.ts";
import { untilOnline } from "../lib/stream/owncast-state.ts";

if (!isExhaustive) noteLeftOut("a browser that leaves a dead edge");

// A player that leaves a dead edge needs a few seconds, and has more than that in hand.
const watchedSeconds = 8;

describe.runIf(isExhaustive)("Owncast's page with two edges", needsNginx, () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-edges-"));
  const socket = join(folder, "players.sock");
  const control = join(folder, "control.sock");
  let stand: Stand;
  let camera: Camera;
  let keeper: KeeperProcess;
  let edges: SmallEdge[] = [];
  let service: SteerService;
  let browser: Browser;
  let viewer: Viewer;
  /** The segments that the page loaded: from where, and when. */
  const loaded: { readonly from: string; readonly atMs: number }[] = [];

  beforeAll(async () => {
    stand = await startStand("checks/lib/stages/two-renditions.yaml", {
      async keeper({ owncastUrl, hlsDir }) {
        const port = await freePort();
        const origin = { playlists: `http://127.0.0.1:${port}`, segments: owncastUrl };
        edges = [await startSmallEdge("paris", folder, origin), await startSmallEdge("tokyo", folder, origin)];
        const file = join(folder, "edges.json");
        writeFileSync(file, JSON.stringify({ edges: edges.map(({ name, url }) => ({ name, url })) }));
        const orderFile = join(folder, "order");
        service = await startSteerService({
          ...{ edges: file, listen: `unix:${socket}`, control: `unix:${control}`, orderFile },
          ...{ stateDir: join(folder, "state"), say: () => {} },
        });
        keeper = await startKeeper(port, owncastUrl, hlsDir, { more: ["--edges", file, "--order-file", orderFile] });
        return `127.0.0.1:${port}`;
      },
    });
    camera = cameraFor(stand);
    const rule = readFileSync("generated/site/steering.caddyfile", "utf8").replace("@steering@", `unix/${socket}`);
    const keepers = `\treverse_proxy /hls/*.m3u8 ${keeper.url}\n`;
    const page = await startArticleFront(stand, `${rule}${keepers}`);
    browser = await startChromium(stand.caFile);
    await camera.connect();
    await untilOnline(stand.owncastUrl);
    viewer = await openPage(browser, page);
    viewer.page.on("request", (asked) => {
      const { pathname, origin } = new URL(asked.url());
      if (pathname.endsWith(".ts")) loaded.push({ from: origin, atMs: Date.now() });
    });
    await viewer.play();
    await untilSettled(viewer);
  });
  afterAll(async () => {
    await browser?.close();
    service?.stop();
    for (const edge of edges) await edge.kill();
    await camera?.lose();
    await keeper?.stop();
    await stand?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The edge from which the page loads at present. */
  const present = (): SmallEdge => {
    const edge = edges.find(({ url }) => url === loaded.at(-1)?.from);
    if (!edge) throw new Error(`the page loads from ${loaded.at(-1)?.from}, which is no edge`);
    return edge;
  };
  /** Seconds without a new frame in the time from `sinceMs` on. */
  async function stalledSeconds(sinceMs: number): Promise<number> {
    await sleep(watchedSeconds * 1000);
    const found = freezes(await viewer.frames(sinceMs), { untilMs: Date.now() });
    return found.reduce((sum, { seconds }) => sum + seconds, 0);
  }
  const drain = (name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath: control, path: `/edges/${name}/drain`, method: "PUT" });
      sent.on("error", reject).on("response", (response) => response.resume().on("end", resolve));
      sent.end();
    });

  test("`lectern probe --edge` names what such a plain proxy of Owncast itself does wrong", async () => {
    const { checks } = await probeEdge({ edge: present().url, watchSeconds: 4 });
    const found = checks
      .filter(({ outcome }) => outcome !== "passed")
      .map(({ check, outcome }) => `${check} ${outcome}`);
    expect(found).toEqual(["types failed", "hit warned", "compressed failed"]);
  });

  // A busy machine may miss the limit once.
  test("plays on from the other edge when its edge is killed, and when that one is drained", { retry: 2 }, async () => {
    const dead = present();
    const killedAtMs = Date.now();
    await dead.kill();
    const killed = await stalledSeconds(killedAtMs);
    const next = present();
    expect(next.name).not.toBe(dead.name);
    expect(killed).toBeLessThan(5);
    await dead.start();
    await sleep(3000);
    const drainedAtMs = Date.now();
    await drain(next.name);
    const drained = await stalledSeconds(drainedAtMs);
    expect(present().name).toBe(dead.name);
    expect(drained).toBeLessThan(2);
    process.stderr.write(`stalled: ${killed.toFixed(1)} s after the kill, ${drained.toFixed(1)} s after the drain\n`);
  });
});
