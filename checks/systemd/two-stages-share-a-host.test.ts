import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { http3Answers, http3Command } from "../lib/site/http3.ts";
import { expectAllWell, expectNeverLetIn, runOf } from "../lib/systemd/claims.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf } from "../lib/systemd/node-command.ts";
import { authorityOf, faultsFor, goLive, stageOf } from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";
import { startWatch } from "../lib/systemd/watching-player.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

let host: Host;
beforeAll(async () => {
  host = await bootHost("one", { becomes: ["two"] });
  // The operator gives the second stage's key; the host does not generate it.
  mkdirSync(host.file("/run/secrets"), { mode: 0o700 });
  writeFileSync(host.file("/run/secrets/second-stream-key"), "the-given-key-of-the-second-stage\n", { mode: 0o600 });
  await expectAllWell(host);
});
afterAll(() => host?.stop());

test("a second stage comes while the first is live, and the first does not notice", async () => {
  const camera = await goLive(host, stageOf(host));
  expect(await faultsFor(host, stageOf(host))).toEqual([]);
  const watch = startWatch(host, stageOf(host));
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
  expect(await faultsFor(host, stageOf(host, "second"))).toEqual([]);
  expect(await faultsFor(host, stageOf(host))).toEqual([]);
  expect(await runOf(host, "owncast-main")).toBe(server);
  expect(await watch.end()).toEqual({ answers: expect.any(Number), sessions: [expect.any(Number)], faults: [] });
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
  await second.stop();
});

// The host sets `http3.enable`, and the switch reloaded Caddy.
test("the hardened Caddy responds over HTTP/3 too", async () => {
  const urls = ["main", "second"].map((name) => `https://${stageOf(host, name).domain}/`);
  const { code, stdout, stderr } = await answerOf(
    host.fromOutside(http3Command(urls, { caFile: authorityOf(host), address: host.address })),
  );
  expect(code, stderr).toBe(0);
  const answers = http3Answers(stdout).map(({ url, protocol, status }) => [url, protocol, status]);
  expect(answers).toEqual(urls.map((url) => [url, "HTTP/3.0", 200]));
});

test("neither stage reads the other's state", async () => {
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

test("on both the public password and key never worked", () => expectNeverLetIn(host));
