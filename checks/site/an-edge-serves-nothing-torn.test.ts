import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { cacheIn, type GoldenFront } from "../lib/site/front.ts";
import { edgeSites, type GoldenEdge, startGoldenEdge } from "../lib/site/golden-edge.ts";
import { needsNginx, startGoldenFront } from "../lib/site/golden-front.ts";
import { countTorn, startTearingOwncast, type TearingOwncast, untilKept } from "../lib/site/tearing-owncast.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";

// The keeper, the front and the edge are real.

describe.runIf(isExhaustive)("an edge", needsNginx, () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-torn-"));
  const hls = join(cacheIn(folder), "main/hls");
  let owncast: TearingOwncast;
  let keeper: KeeperProcess;
  let origin: GoldenFront;
  let edge: GoldenEdge;

  beforeAll(async () => {
    owncast = await startTearingOwncast(hls);
    const socket = join(folder, "keeper.sock");
    keeper = await startKeeper(socket, `http://${owncast.upstream}`, hls);
    const places = { "/run/lectern/main-keeper.sock": socket, "127.0.0.1:8080": owncast.upstream };
    origin = await startGoldenFront("nginx", "origin", { folder, sites: ["one.test"], places });
    edge = await startGoldenEdge(join(folder, "edge"), { port: origin.ports.https, caFile: origin.caFile });
  });
  afterAll(async () => {
    await edge?.stop();
    await origin?.stop();
    await keeper?.stop();
    await owncast?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** What viewers of both of the edge's sites get, in that many requests. */
  const watch = (count: number) => {
    const sites = Object.values(edgeSites);
    return countTorn(count, (path, number) => edge.get(path, {}, sites[number % sites.length]));
  };

  test("behind an Owncast that tears its playlists, no viewer of the edge gets a torn one", async () => {
    await untilKept((path) => origin.get("one.test", path));
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
