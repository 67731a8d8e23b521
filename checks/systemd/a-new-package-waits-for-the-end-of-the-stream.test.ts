import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { expectAllWell, expectNeverLetIn, expectNoFaults, property, runOf } from "../lib/systemd/claims.ts";
import { commandWith, readGolden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { until } from "../lib/systemd/node-command.ts";
import { admin, type Camera, goLive, isLive, stageOf } from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

const updates = ["lectern-main-restart.service", "lectern-main-gate-update.service"];

let host: Host;
let camera: Camera;
beforeAll(async () => {
  host = await bootHost("one", {
    becomes: ["one-upgraded"],
    // A host gives a lost camera half a minute to reconnect.
    dropIns: Object.fromEntries(
      updates.map((unit) => [unit, commandWith(readGolden("one"), unit, "when-off-air", "when-off-air --quiet 2")]),
    ),
  });
  await expectAllWell(host);
  camera = await goLive(host, stageOf(host));
});
afterAll(() => host?.stop());

/** The running Owncast, by the name of its package; undefined if none runs. */
const program = async () => {
  const { stdout } = await host.run("cat", `/proc/${await property(host, "owncast-main", "MainPID")}/cmdline`);
  return /owncast-[\d.]+(?=\/)/.exec(stdout)?.[0];
};
/** The address of the running gate. */
const gateListens = async () => {
  const { stdout } = await host.run("cat", `/proc/${await property(host, "lectern-main-gate", "MainPID")}/cmdline`);
  return /--listen\0([^\0]+)/.exec(stdout)?.[1];
};
const waits = () => Promise.all(updates.map((unit) => property(host, unit, "ActiveState")));
const left = ["lectern-main-bootstrap.service", "lectern-main-gate.service", "owncast-main.service"];
const said = async () =>
  ((await admin(host, stageOf(host), "serverconfig")) as { instanceDetails: { welcomeMessage: string } })
    .instanceDetails.welcomeMessage;
const say = (text: string) => admin(host, stageOf(host), "config/welcomemessage", text);

test("a switch to another server and another gate returns while the stream goes on, and leaves both alone", async () => {
  await say("before the upgrade");
  const runs = () => Promise.all(["owncast-main", "lectern-main-gate"].map((unit) => runOf(host, unit)));
  const before = await runs();
  expect(await switchTo(host, "one-upgraded")).toMatchObject({
    ...{ stop: [], stopAndStart: [], restart: ["caddy.service"], leave: left },
  });
  expect(await isLive(host, stageOf(host))).toBe(true);
  expect(await runs()).toEqual(before);
  expect(await program()).toBe("owncast-0.2.4");
  expect(await gateListens()).toBe("[::]:1935");
  expect(await waits()).toEqual(["active", "active"]);
  await expectNoFaults(host, stageOf(host));
});

test("the new server and the new gate start by themselves when the stream has ended", async () => {
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
  await until(
    "the new server runs",
    async () =>
      (await property(host, "owncast-main", "ActiveState")) === "active" && (await program()) === "owncast-0.2.5",
  );
  await until("the new gate runs", async () => (await gateListens()) === "0.0.0.0:1935");
  await expectAllWell(host);
  await until("nobody waits any more", async () => (await waits()).every((state) => state === "inactive"));
});

test("the old version's database was backed up", async () => {
  const kept = await host.succeed(
    "find",
    "/var/lib/lectern/main/snapshots/0.2.4",
    "-name",
    "owncast.db",
    "-printf",
    "%U:%m\n",
  );
  expect(kept).toBe(`${await host.succeed("id", "-u", "lectern-main")}:600`);
});

test("a rollback brings the old server and its database back", async () => {
  await say("after the upgrade");
  expect(await switchTo(host, "one")).toMatchObject({ leave: left });
  await until(
    "the old server runs",
    async () =>
      (await property(host, "owncast-main", "ActiveState")) === "active" && (await program()) === "owncast-0.2.4",
  );
  await until("the old gate runs", async () => (await gateListens()) === "[::]:1935");
  await expectAllWell(host);
  expect(await said()).toBe("before the upgrade");
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
