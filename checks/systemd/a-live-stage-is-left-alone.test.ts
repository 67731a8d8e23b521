import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAllWell, expectNeverLetIn, property, runOf } from "./lib/claims.ts";
import type { Companion } from "./lib/companion.ts";
import { bootHost, type Host } from "./lib/host.ts";
import { admin, type Camera, faultsFor, goLive, stageOf, tryKey } from "./lib/stage.ts";
import { switchTo } from "./lib/switch.ts";
import { startWatch, type Watch } from "./lib/watch.ts";

let host: Host;
let camera: Camera;
let watch: Companion<Watch>;
beforeAll(async () => {
  host = await bootHost("one", { becomes: ["one-reconfigured"] });
  await expectAllWell(host);
  camera = await goLive(host, stageOf(host));
  expect(await faultsFor(host, stageOf(host))).toEqual([]);
  watch = startWatch(host, stageOf(host));
});
afterAll(() => host?.stop());

const runs = async () => ({
  pid: await property(host, "owncast-main", "MainPID"),
  server: await runOf(host, "owncast-main"),
  bootstrap: await runOf(host, "lectern-main-bootstrap"),
});

test("a redundant start does nothing", async () => {
  const before = { ...(await runs()), config: await runOf(host, "lectern-main-config") };
  await host.succeed("systemctl", "start", "owncast-main", "lectern-main-config", "multi-user.target");
  expect({ ...(await runs()), config: await runOf(host, "lectern-main-config") }).toEqual(before);
});

test("a changed seed is applied by its own unit, a changed keeper restarted in its place, and nothing else", async () => {
  const [before, configBefore] = [await runs(), await runOf(host, "lectern-main-config")];
  expect(await switchTo(host, "one-reconfigured")).toEqual({
    stop: [],
    stopAndStart: ["lectern-main-config.service"],
    stopUntilAsked: [],
    restart: ["lectern-main-hls.service"],
    reload: [],
    leave: ["lectern-main-bootstrap.service"],
  });
  expect(await runs()).toEqual(before);
  expect(await runOf(host, "lectern-main-config")).not.toBe(configBefore);
  await expectAllWell(host);
  const { instanceDetails } = (await admin(host, stageOf(host), "serverconfig")) as {
    instanceDetails: { name: string };
  };
  expect(instanceDetails.name).toBe("Light stage, second evening");
});

test("neither made a gap: the camera never had to connect again, and a player saw one unbroken stream", async () => {
  expect(await faultsFor(host, stageOf(host))).toEqual([]);
  expect(await watch.end()).toEqual({ playlists: expect.any(Number), sessions: 1, faults: [] });
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
});

test("a key that the new seed names was made, and cameras publish with it", async () => {
  expect(await tryKey(host, stageOf(host), "stream-key-second")).toMatchObject({ code: 0 });
});

test("the public password and key never worked", () => expectNeverLetIn(host));
