import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import {
  expectAllWell,
  expectNeverLetIn,
  expectNoFaults,
  expectOneDrop,
  property,
  runOf,
  settled,
} from "../lib/systemd/claims.ts";
import type { Companion } from "../lib/systemd/companion.ts";
import { commandWith, hashes, readGolden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf, until } from "../lib/systemd/node-command.ts";
import { admin, authorityOf, type Camera, goLive, isWatched, stageOf } from "../lib/systemd/node-stage.ts";
import { startWatch, type Watch } from "../lib/systemd/watching-player.ts";

const keeper = "lectern-main-keeper.service";

let host: Host;
let camera: Camera;
let watch: Companion<Watch>;
beforeAll(async () => {
  host = await bootHost("one");
});
afterAll(() => host?.stop());

test("the node boots the golden bytes", async () => {
  const wanted = hashes(host.golden);
  const lines = (await host.succeed("sha256sum", ...Object.keys(wanted))).split("\n").map((line) => line.split(/ +/));
  expect(Object.fromEntries(lines.map(([hash, path]) => [path, hash]))).toEqual(wanted);
  expect(Object.keys(wanted)).toEqual(
    expect.arrayContaining(["/etc/systemd/system/owncast-main.service", "/etc/caddy/caddy_config"]),
  );
});

test("all units come up by themselves and are configured", () => expectAllWell(host));

test("systemd understands every word of the units", async () => {
  await settled(host);
  const complaints = (await host.succeed("journalctl", "--quiet", "--output=cat", "_PID=1")).split("\n");
  // Only complaints about a line of a unit: systemd also complains about missing control groups of this machine.
  expect(
    complaints.filter((line) => /Unknown (key|section|lvalue)|Failed to parse|:\d+: .*ignoring/i.test(line)),
  ).toEqual([]);
});

test("viewers see what the camera sends", async () => {
  camera = await goLive(host, stageOf(host));
  await expectNoFaults(host, stageOf(host));
  await host.succeed("test", "-s", "/var/cache/lectern/main/hls-kept/state.json");
});

test("they do not notice that the playlist keeper is killed", async () => {
  watch = startWatch(host, stageOf(host));
  await until("a player plays", () => isWatched(host, stageOf(host)));
  // These tests do not measure how long players wait: the next keeper lets a slow machine take long.
  const folder = host.file(`/etc/systemd/system/${keeper}.d`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/node.conf`, commandWith(readGolden("one"), keeper, "--grace 30", "--grace 300"));
  await host.succeed("systemctl", "daemon-reload");
  const before = await runOf(host, keeper);
  await host.succeed("systemctl", "kill", "--signal=KILL", keeper);
  await until("another keeper runs", async () => {
    return (await property(host, keeper, "ActiveState")) === "active" && (await runOf(host, keeper)) !== before;
  });
});

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

test("after kill -9 of the server, bootstrap runs again, and players play on by themselves", async () => {
  await expectNewRun(async () =>
    host.succeed("sh", "-c", `kill -9 ${await property(host, "owncast-main", "MainPID")}`),
  );
  await expectNoFaults(host, stageOf(host));
  // The keeper's death made no drop.
  expectOneDrop(await watch.end());
  expect((await camera.stop()).reconnects).toBeGreaterThan(0);
});

// Through a link, Owncast would not remove old segments, and one evening would fill the disk.
test("Owncast's folder of segments is no link", async () => {
  const pid = await host.succeed("systemctl", "show", "--property=MainPID", "--value", "owncast-main.service");
  const folders = [`/proc/${pid}/root/var/lib/lectern/main/data/hls`, "/var/cache/lectern/main/hls"];
  const [[kind, inside], [, outside]] = (await host.succeed("stat", "--format=%F:%i", ...folders))
    .split("\n")
    .map((line) => line.split(":")) as [string[], string[]];
  expect({ kind, inside }).toEqual({ kind: "directory", inside: outside });
});

test("HTTP/3 is off, and browsers are told to forget it", async () => {
  const { domain } = stageOf(host);
  const curl = ["curl", "-fsS", "-m", "15", "-o", "/dev/null", "-D", "-", "--cacert", authorityOf(host)];
  const { stdout, stderr } = await answerOf(
    host.fromOutside([...curl, "--resolve", `${domain}:443:${host.address}`, `https://${domain}/`]),
  );
  expect(stdout.match(/^alt-svc:.*$/gim), stderr).toEqual(["alt-svc: clear"]);
  expect(await host.succeed("ss", "--listening", "--udp", "--no-header", "--numeric", "sport = :443")).toBe("");
});

// Use the user's own group: Debian's nobody is in nogroup.
const as = async (user: string, ...command: string[]) =>
  host.run(
    "setpriv",
    `--reuid=${user}`,
    `--regid=${await host.succeed("id", "-g", user)}`,
    "--clear-groups",
    ...command,
  );

test("Caddy reads the segments of the stream", async () => {
  const segment = await host.succeed("sh", "-c", "ls /var/cache/lectern/main/hls/0/stream-*.ts | head -1");
  expect(await as("caddy", "head", "--bytes=1", segment)).toMatchObject({ code: 0, stdout: "G" });
  expect(await as("nobody", "head", "--bytes=1", segment)).toMatchObject({ code: 1, stdout: "" });
});

test.each(["caddy", "nobody"])("%s reads nothing of the stage's state and secrets", async (user) => {
  const places = ["/var/lib/lectern", "/var/lib/lectern-secrets", "/run/lectern/main-gate-keys"];
  const found = await host.succeed("find", ...places, "-type", "f");
  expect(found).toContain("/var/lib/lectern/main/data/owncast.db");
  expect(found).toContain("/var/lib/lectern-secrets/main/admin-password");
  expect(found).toContain("/run/lectern/main-gate-keys/stream-key");
  expect(await as(user, "id", "-un")).toMatchObject({ code: 0, stdout: `${user}\n` });
  const readable = [
    "sh",
    "-c",
    'for file; do head --bytes=1 "$file" > /dev/null 2>&1 && echo "$file"; done; true',
    "sh",
  ];
  const files = found.split("\n");
  expect(await host.succeed(...readable, ...files)).toBe(found);
  expect(await as(user, ...readable, ...files)).toMatchObject({ code: 0, stdout: "" });
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

test("from before the first unit, in all this, the public password and key never worked", () => expectNeverLetIn(host));
