import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { expectAllWell, expectNoFaults, expectOneDrop, property, runOf } from "../lib/systemd/claims.ts";
import { secretAtBoot } from "../lib/systemd/edge-node.ts";
import type { Golden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { until } from "../lib/systemd/node-command.ts";
import { goLive, isWatched, stageOf } from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";
import { startWatch } from "../lib/systemd/watching-player.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

/** The host when the keeper was still called "hls": the same units under other names, and no alias between the names. */
function beforeTheRename(golden: Golden): Golden {
  const formerly = (text: string) =>
    text
      .replace(/^Alias=.*\n|^ListenStream=.*-hls\.sock\n|^L .*\n/gm, "")
      .replace(/\b(lectern-main|main)-keeper(?=[-.])/g, "$1-hls")
      .replaceAll("keeper-socket-main", "hls-socket-main");
  return new Map(
    [...golden].map(([file, bytes]) => [formerly(file), Buffer.from(formerly(bytes.toString()))] as const),
  );
}

let host: Host;
beforeAll(async () => {
  const files = secretAtBoot("the-secret-of-edges-that-come-later-1234567890");
  host = await bootHost("one", { made: beforeTheRename, becomes: ["one", "one-edges"], files });
  await expectAllWell(host);
});
afterAll(() => host?.stop());

const socketFiles = () => host.succeed("find", "/run/lectern", "-name", "*.sock", "-printf", "%f %y\\n");
const loaded = (unit: string) => host.succeed("systemctl", "show", "--value", "--property=Id,ActiveState", unit);

test("a player sees one unbroken stream while a switch gives the keeper's units, its socket and Caddy their new names", async () => {
  const first = await goLive(host, stageOf(host));
  expect(await socketFiles()).toBe("main-hls.sock s");
  const watch = startWatch(host, stageOf(host));
  await until("a player plays", () => isWatched(host, stageOf(host)));
  // Now the keeper goes on counting segments, and Owncast starts at zero again. A playlist of Owncast's own would move players back.
  expect(await first.stop()).toMatchObject({ reconnects: 0 });
  await sleep(2000);
  const camera = await goLive(host, stageOf(host));
  await expectNoFaults(host, stageOf(host));
  const server = await runOf(host, "owncast-main");
  expect(await switchTo(host, "one", { pauseMs: 3000 })).toEqual({
    ...{ stop: [], stopAndStart: [], stopUntilAsked: [] },
    ...{ restart: ["lectern-main-hls.service"], reload: ["caddy.service"], leave: ["lectern-main-hls.socket"] },
  });
  await expectNoFaults(host, stageOf(host));
  expectOneDrop(await watch.end());
  expect(await runOf(host, "owncast-main")).toBe(server);
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
});

test("afterwards there is one keeper, by both names, and its socket is at the new path", async () => {
  await expectAllWell(host);
  for (const kind of ["service", "socket"])
    for (const name of ["keeper", "hls"])
      expect(await loaded(`lectern-main-${name}.${kind}`)).toBe(`lectern-main-keeper.${kind}\nactive`);
  expect((await socketFiles()).split("\n").sort()).toEqual(["main-hls.sock s", "main-keeper.sock s"]);
});

test("a switch to a host with edges brings the steering unit, and the keeper's socket stays open", async () => {
  const { restart, reload, stop } = await switchTo(host, "one-edges");
  expect([restart, reload, stop]).toEqual([["lectern-main-keeper.service"], ["caddy.service"], []]);
  await expectAllWell(host);
  const order = async () =>
    (
      await host.evaluate(
        `new Promise((done, fail) => require("https").get({ host: "127.0.0.1", servername: "one.test", path: "/steer", rejectUnauthorized: false, headers: { host: "one.test" } }, (answer) => { let text = ""; answer.on("data", (part) => { text += part; }).on("end", () => done(answer.statusCode + " " + text)); }).on("error", fail))`,
      )
    ).stdout.trim();
  // These edges do not exist, so everybody stays at the origin.
  await until("Caddy passes players on to the service", async () => (await order()).startsWith("200 "));
  expect(JSON.parse((await order()).slice(4))["PATHWAY-PRIORITY"]).toEqual(["origin", "paris", "tokyo"]);
  const listed = async () => JSON.parse((await host.lectern("edge", "list", "--json")).stdout).stages[0].edges;
  expect((await host.lectern("edge", "drain", "tokyo")).code).toBe(0);
  await host.succeed("systemctl", "restart", "lectern-main-steer");
  await until("the service is back", async () => (await host.lectern("edge", "list")).code === 0);
  expect((await listed()).map(({ name, drained }: { name: string; drained: boolean }) => [name, drained])).toEqual([
    ["paris", false],
    ["tokyo", true],
  ]);
  const mode = (name: string) => host.succeed("stat", "-c", "%U %G %a", `/run/steer-main/${name}`);
  expect([await mode("players.sock"), await mode("control.sock")]).toEqual([
    "steer-main caddy 775",
    "steer-main caddy 600",
  ]);
  const asKeeper = ["setpriv", "--reuid=lectern-main", "--regid=lectern-main", "--clear-groups"];
  expect(await host.succeed(...(asKeeper as [string]), "cat", "/run/steer-main/order")).toBe("origin\ntokyo\nparis");
  // The web server's group also reads keys of certificates. The service is in it, and sees none.
  const asService = ["setpriv", "--reuid=steer-main", "--regid=caddy", "--clear-groups"];
  const pid = await property(host, "lectern-main-steer", "MainPID");
  const seen = ["ls", "/var/lib", "/var/log", "/var/cache", "/run/lectern"];
  const { stdout } = await host.run("nsenter", `--target=${pid}`, "--mount", ...asService, ...seen);
  expect(stdout.split(/\s+/)).toEqual([
    ...["/run/lectern:", "/var/cache:", "/var/lib:", "steer-main", "/var/log:", ""],
  ]);
});
