import { afterAll, beforeAll, expect, test } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { expectAllWell, expectNeverLetIn, expectOneDrop, property, runOf } from "../lib/systemd/claims.ts";
import { commandWith, readGolden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { until } from "../lib/systemd/node-command.ts";
import { admin, faultsFor, goLive, stageOf } from "../lib/systemd/node-stage.ts";
import { startWatch } from "../lib/systemd/watching-player.ts";

const keeper = "lectern-main-keeper.service";

let host: Host;
beforeAll(async () => {
  // This test does not measure how long players wait: a slow machine may take long.
  host = await bootHost("one", {
    dropIns: { [keeper]: commandWith(readGolden("one"), keeper, "--grace 30", "--grace 300") },
  });
  await expectAllWell(host);
});
afterAll(() => host?.stop());

/** Waits for another run of the server, and expects that the bootstrap ran before it. */
async function expectNewRun(doIt: () => Promise<unknown>): Promise<void> {
  const [server, bootstrap] = [await runOf(host, "owncast-main"), await runOf(host, "lectern-main-bootstrap")];
  await doIt();
  await until("the server runs anew", async () => {
    const [state, run] = [await property(host, "owncast-main", "ActiveState"), await runOf(host, "owncast-main")];
    return state === "active" && run !== server;
  });
  expect(await runOf(host, "lectern-main-bootstrap")).not.toBe(bootstrap);
  await expectAllWell(host);
}

test("after kill -9 while live, bootstrap runs again, and players play on by themselves", async () => {
  const camera = await goLive(host, stageOf(host));
  const watch = startWatch(host, stageOf(host));
  await until("a player plays", async () => {
    const { stdout } = await host.lectern("status", "main", "--json");
    return /"viewers":\s*[1-9]/.test(stdout);
  });
  await expectNewRun(async () =>
    host.succeed("sh", "-c", `kill -9 ${await property(host, "owncast-main", "MainPID")}`),
  );
  expect(await faultsFor(host, stageOf(host))).toEqual([]);
  expectOneDrop(await watch.end());
  expect((await camera.stop()).reconnects).toBeGreaterThan(0);
});

test.runIf(isExhaustive)("after a restart it is bootstrapped again", () =>
  expectNewRun(() => host.succeed("systemctl", "restart", "owncast-main")),
);

test.runIf(isExhaustive)("after a stop and a start it is bootstrapped again", () =>
  expectNewRun(async () => {
    await host.succeed("systemctl", "stop", "owncast-main");
    // It stops after the server, and the command waits only for the server.
    const bootstrap = () => property(host, "lectern-main-bootstrap", "ActiveState");
    await until("its bootstrap has gone with it", async () => (await bootstrap()) === "inactive");
    await host.succeed("systemctl", "start", "owncast-main");
  }),
);

test("a reboot keeps state and secrets", async () => {
  const settings = async () => (await admin(host, stageOf(host), "serverconfig")) as { instanceDetails: object };
  const secrets = () => host.succeed("sh", "-c", "sha256sum /var/lib/lectern-secrets/main/*");
  await admin(host, stageOf(host), "config/welcomemessage", "Said by hand, and nobody declared it.");
  const [settingsBefore, secretsBefore] = [await settings(), await secrets()];
  await host.reboot();
  await expectAllWell(host);
  expect(await secrets()).toBe(secretsBefore);
  expect((await settings()).instanceDetails).toEqual(settingsBefore.instanceDetails);
  expect(settingsBefore.instanceDetails).toMatchObject({ welcomeMessage: "Said by hand, and nobody declared it." });
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
