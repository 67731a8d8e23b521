import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { expectAllWell, expectNeverLetIn, expectNoFaults, property, runOf } from "../lib/systemd/claims.ts";
import type { Companion } from "../lib/systemd/companion.ts";
import { beforeTheGate, commandWith, readGolden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { until } from "../lib/systemd/node-command.ts";
import { gateOf, listenerOn } from "../lib/systemd/node-gate.ts";
import { type Camera, goLive, isLive, saysBusy, stageOf } from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";
import { startWatch, type Watch } from "../lib/systemd/watching-player.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

const restart = "lectern-main-restart.service";

let host: Host;
let camera: Camera;
let watch: Companion<Watch>;
beforeAll(async () => {
  host = await bootHost("one", {
    made: beforeTheGate,
    becomes: ["one"],
    // A host gives a lost camera half a minute to reconnect.
    dropIns: { [restart]: commandWith(readGolden("one"), restart, "when-off-air", "when-off-air --quiet 2") },
  });
  await expectAllWell(host);
  camera = await goLive(host, stageOf(host));
  watch = startWatch(host, stageOf(host));
});
afterAll(() => host?.stop());

test("on the old host, Owncast itself has the port for cameras", async () => {
  expect(await listenerOn(host, 1935)).toBe("owncast-main.service");
  expect(await property(host, "lectern-main-gate", "LoadState")).toBe("not-found");
});

test("the switch succeeds and returns while the stream goes on; Owncast keeps the port, and the gate waits for it", async () => {
  const server = await runOf(host, "owncast-main");
  expect(await switchTo(host, "one")).toMatchObject({
    ...{ stop: [], stopAndStart: [], restart: [], reload: [] },
    leave: ["owncast-main.service"],
  });
  expect(await runOf(host, "owncast-main")).toBe(server);
  expect(await isLive(host, stageOf(host))).toBe(true);
  expect(await property(host, "lectern-main-restart", "ActiveState")).toBe("active");
  await until("the gate says that it waits", async () => (await gateOf(host))?.listening === false);
  expect(await listenerOn(host, 1935)).toBe("owncast-main.service");
  const { code, stdout } = await host.lectern("status", "main");
  expect(stdout).toMatch(/^ {2}gate: waiting for its port: /m);
  expect(code).toBe(2);
  await expectNoFaults(host, stageOf(host));
});

test("players saw one unbroken stream", async () => {
  expect(await watch.end()).toEqual({ answers: expect.any(Number), sessions: [expect.any(Number)], faults: [] });
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
});

test("when the stream has ended, the gate gets the port and Owncast another one, without an operator", async () => {
  await until("the gate listens", async () => (await gateOf(host))?.listening === true);
  await expectAllWell(host);
  expect(await listenerOn(host, 1935)).toBe("lectern-main-gate.service");
  expect(await listenerOn(host, 19350)).toBe("owncast-main.service");
  expect(await property(host, "lectern-main-gate", "NRestarts")).toBe("0");
});

test("the camera goes live through the gate, and `lectern status` says whose key it has", async () => {
  camera = await goLive(host, stageOf(host));
  await expectNoFaults(host, stageOf(host));
  const { code, stdout } = await host.lectern("status", "main");
  expect(stdout).toMatch(/^ {2}gate: listening; key "stream-key" publishes from 192\.0\.2\.2 since .+, \d+ kbit\/s/m);
  expect(code).toBe(saysBusy(stdout) ? 2 : 0);
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
