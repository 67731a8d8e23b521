import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StageStatus } from "../../src/host/stage-status.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { http3Answers, http3Command } from "../lib/site/http3.ts";
import {
  expectAllWell,
  expectNeverLetIn,
  expectNoFaults,
  expectOneDrop,
  property,
  runOf,
} from "../lib/systemd/claims.ts";
import type { Companion } from "../lib/systemd/companion.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf, until } from "../lib/systemd/node-command.ts";
import {
  admin,
  authorityOf,
  type Camera,
  goLive,
  isWatched,
  publishOnce,
  saysBusy,
  stageOf,
} from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";
import { startWatch, type Watch } from "../lib/systemd/watching-player.ts";

let host: Host;
let camera: Camera;
let watch: Companion<Watch>;
beforeAll(async () => {
  host = await bootHost("one", { becomes: ["one-reconfigured", ...(isExhaustive ? ["two"] : [])] });
  await expectAllWell(host);
  camera = await goLive(host, stageOf(host));
  watch = startWatch(host, stageOf(host));
});
afterAll(() => host?.stop());

const runs = async () => ({
  pid: await property(host, "owncast-main", "MainPID"),
  server: await runOf(host, "owncast-main"),
  gate: await runOf(host, "lectern-main-gate"),
  bootstrap: await runOf(host, "lectern-main-bootstrap"),
});

/** The keeper's response to a monitoring program, on the port that the changed host declares for it. */
const metrics = async () => {
  const asked = await host.evaluate('fetch("http://127.0.0.1:8090/metrics").then((answer) => answer.text())');
  return asked.code === 0 ? asked.stdout : undefined;
};

test("a redundant start does nothing", async () => {
  const applied = async () => ({
    socket: await runOf(host, "lectern-main-keeper.socket"),
    config: await runOf(host, "lectern-main-config"),
    keys: await runOf(host, "lectern-main-gate-keys"),
  });
  const before = { ...(await runs()), ...(await applied()) };
  await host.succeed("systemctl", "start", "owncast-main", "lectern-main-config", "multi-user.target");
  expect({ ...(await runs()), ...(await applied()) }).toEqual(before);
});

test("the host's own `lectern status` says that it is live, and counts the player that watches", async () => {
  // Each look of `lectern status` takes a second of processor time.
  await until("the player is counted", () => isWatched(host, stageOf(host)));
  const onAir = await until("`lectern status` counts it too", async () => {
    const { code, stdout, stderr } = await host.lectern("status", "main", "--json");
    const [stage] = (JSON.parse(stdout) as { stages: readonly StageStatus[] }).stages;
    expect(code, stderr).toBe(saysBusy(stdout) ? 2 : 0);
    return stage?.onAir && stage.onAir.viewers > 0 && stage.onAir;
  });
  expect(onAir).toMatchObject({ state: "live", drift: [], waiting: [] });
  // The gate's ffmpeg runs within the bounds of its unit.
  const stdout = await until("the level is measured", async () => {
    const { stdout } = await host.lectern("status", "main");
    return / level: -?\d+ dBFS$/m.test(stdout) && stdout;
  });
  expect(stdout).toMatch(/^ {2}video: H\.264 .+ frames\/s/m);
  expect(stdout).toMatch(/^main {2}https:\/\/one\.test\n {2}live since .+, \d+ viewers? \(at most \d+\)\n/);
  expect(stdout).toMatch(/^ {2}units: .*server running/m);
  expect(stdout).toMatch(/^ {2}certificate: valid until /m);
});

test("a changed seed is applied and gives the gate its keys, a changed keeper and its socket restart in place, and nothing else restarts", async () => {
  const [before, configBefore] = [await runs(), await runOf(host, "lectern-main-config")];
  expect(await metrics()).toBeUndefined();
  expect(await switchTo(host, "one-reconfigured")).toEqual({
    stop: [],
    // The new seed has one more key: Owncast and the gate both get it.
    stopAndStart: ["lectern-main-config.service", "lectern-main-gate-keys.service"],
    stopUntilAsked: [],
    restart: ["lectern-main-keeper.service"],
    reload: [],
    leave: ["lectern-main-bootstrap.service", "lectern-main-keeper.socket"],
  });
  // From the next boot on its segments are in memory. A mount now would hide those that players watch.
  expect((await host.run("findmnt", "--mountpoint", "/var/cache/lectern/main")).stdout).toBe("");
  // A switch leaves a changed socket alone: a unit of Lectern's has restarted it.
  expect(await metrics()).toMatch(/^lectern_keeper_on_air 1$/m);
  expect(await runs()).toEqual(before);
  expect(await runOf(host, "lectern-main-config")).not.toBe(configBefore);
  await expectAllWell(host);
  const { instanceDetails } = (await admin(host, stageOf(host), "serverconfig")) as {
    instanceDetails: { name: string };
  };
  expect(instanceDetails.name).toBe("Light stage, second evening");
});

test("a replaced key is valid from the next connection on; gate, server and stream go on", async () => {
  const key = "/var/lib/lectern-secrets/main/stream-key";
  const before = await runs();
  const old = await host.succeed("cat", key);
  writeFileSync(host.file("/root/old-key"), `${old}\n`, { mode: 0o600 });
  await host.succeed("sh", "-c", `umask 077; echo another-key-that-somebody-chose > ${key}`);
  await host.succeed("systemctl", "restart", "lectern-main-config");
  expect(await runs()).toEqual(before);
});

test("short-drop-keeps-viewers: a camera that is back in seconds, with the new key, goes on in the same playlists, a keeper restarted meanwhile", async () => {
  const before = await runs();
  // Until here the camera never had to reconnect.
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
  await host.succeed("systemctl", "restart", "lectern-main-keeper.service");
  camera = await goLive(host, stageOf(host));
  await expectNoFaults(host, stageOf(host));
  // In all this the player saw this drop alone.
  expectOneDrop(await watch.end());
  await camera.stop();
  expect(await publishOnce(host, stageOf(host), "/root/old-key")).toBe(77);
  // The host generated the new seed's key.
  expect(await publishOnce(host, stageOf(host), "/var/lib/lectern-secrets/main/stream-key-second")).toBe(0);
  expect(await runs()).toEqual(before);
});

test("the gate's user has the stream keys and no other secret; nobody else has them there", async () => {
  const folder = "/run/lectern/main-gate-keys";
  const held = "%U:%m %f\\n";
  const owner = await host.succeed("id", "-u", "gate-main");
  expect((await host.succeed("find", folder, "-type", "f", "-printf", held)).split("\n").sort()).toEqual([
    `${owner}:600 stream-key`,
    `${owner}:600 stream-key-second`,
  ]);
  expect(await host.succeed("stat", "--format=%u:%a", folder)).toBe(`${owner}:700`);
  const pid = await property(host, "lectern-main-gate", "MainPID");
  const environment = await host.succeed("cat", `/proc/${pid}/environ`, `/proc/${pid}/cmdline`);
  expect(environment).not.toContain("another-key-that-somebody-chose");
  for (const path of ["/var/lib/lectern-secrets/main/admin-password", "/var/lib/lectern/main/data/owncast.db"])
    expect(
      await host.run("setpriv", "--reuid=gate-main", "--regid=gate-main", "--clear-groups", "cat", path),
    ).toMatchObject({ code: 1, stdout: "" });
});

test("a switch back takes the keeper's new port away, and the next one finds nothing to do", async () => {
  await switchTo(host, "one");
  expect(await metrics()).toBeUndefined();
  await expectAllWell(host);
  const socket = await runOf(host, "lectern-main-keeper.socket");
  await host.succeed("systemctl", "start", "multi-user.target");
  expect(await runOf(host, "lectern-main-keeper.socket")).toBe(socket);
});

// The sample leaves the second stage out: it needs another encoder.
const testAll = test.runIf(isExhaustive);

testAll("a second stage comes while the first is live, and the first does not notice", async () => {
  // The operator gives the second stage's key; the host does not generate it.
  mkdirSync(host.file("/run/secrets"), { mode: 0o700 });
  writeFileSync(host.file("/run/secrets/second-stream-key"), "the-given-key-of-the-second-stage\n", { mode: 0o600 });
  camera = await goLive(host, stageOf(host));
  await expectNoFaults(host, stageOf(host));
  const { domain } = stageOf(host);
  const curl = ["curl", "-fsS", "--cacert", authorityOf(host), "--resolve", `${domain}:443:${host.address}`];
  await until("earlier streams have left the playlist", async () => {
    const { stdout } = await answerOf(host.fromOutside([...curl, `https://${domain}/hls/0/stream.m3u8`]));
    return stdout.includes(".ts") && !/^#EXT-X-DISCONTINUITY$/m.test(stdout);
  });
  watch = startWatch(host, stageOf(host));
  const server = await runOf(host, "owncast-main");
  expect(await switchTo(host, "two")).toEqual({
    stop: [],
    stopAndStart: [],
    stopUntilAsked: [],
    restart: [],
    reload: ["caddy.service"],
    leave: [],
  });
  await expectAllWell(host, "second");
  await expectAllWell(host, "main");
  const second = await goLive(host, stageOf(host, "second"));
  await expectNoFaults(host, stageOf(host, "second"));
  await expectNoFaults(host, stageOf(host));
  expect(await runOf(host, "owncast-main")).toBe(server);
  expect(await watch.end()).toEqual({ answers: expect.any(Number), sessions: [expect.any(Number)], faults: [] });
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
  await second.stop();
});

// The host sets `http3.enable`, and the switch reloaded Caddy.
testAll("the hardened Caddy responds over HTTP/3 too", async () => {
  const urls = ["main", "second"].map((name) => `https://${stageOf(host, name).domain}/`);
  const { code, stdout, stderr } = await answerOf(
    host.fromOutside(http3Command(urls, { caFile: authorityOf(host), address: host.address })),
  );
  expect(code, stderr).toBe(0);
  const answers = http3Answers(stdout).map(({ url, protocol, status }) => [url, protocol, status]);
  expect(answers).toEqual(urls.map((url) => [url, "HTTP/3.0", 200]));
});

testAll("neither stage reads the other's state", async () => {
  for (const [user, other] of [
    ["lectern-main", "second"],
    ["lectern-second", "main"],
    ["gate-main", "second"],
    ["gate-second", "main"],
  ] as const)
    for (const path of [
      `/var/lib/lectern/${other}/data/owncast.db`,
      `/var/lib/lectern-secrets/${other}/admin-password`,
      `/run/lectern/${other}-gate-keys/stream-key`,
    ]) {
      await host.succeed("test", "-s", path);
      expect(
        await host.run("setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "cat", path),
      ).toMatchObject({ code: 1, stdout: "" });
    }
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
