import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAllWell, expectNeverLetIn, settled } from "../lib/systemd/claims.ts";
import { hashes } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf } from "../lib/systemd/node-command.ts";
import { authorityOf, faultsFor, goLive, stageOf } from "../lib/systemd/node-stage.ts";

let host: Host;
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

test("viewers see what the camera sends, also when the playlist keeper is killed meanwhile", async () => {
  const camera = await goLive(host, stageOf(host));
  expect(await faultsFor(host, stageOf(host))).toEqual([]);
  await host.succeed("test", "-s", "/var/cache/lectern/main/hls-kept/state.json");
  await host.succeed("systemctl", "kill", "--signal=KILL", "lectern-main-keeper.service");
  expect(await faultsFor(host, stageOf(host))).toEqual([]);
  await host.succeed("systemctl", "is-active", "lectern-main-keeper.service");
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
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

test("from before the first unit until after the stream, the public password and key never worked", () =>
  expectNeverLetIn(host));
