import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { rehearsalHeader, rehearsalPath } from "../../src/viewer/rehearsal-token.ts";
import { viewersAuthorization } from "../../src/viewer/viewer-credentials.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { expectAllWell, expectNeverLetIn, expectNoFaults, property, runOf } from "../lib/systemd/claims.ts";
import { named } from "../lib/systemd/from-set-up.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf, until } from "../lib/systemd/node-command.ts";
import { goLive, stageOf } from "../lib/systemd/node-stage.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

const secret = "/run/secrets/viewers-password";
const unit = "lectern-main-viewers";

let host: Host;
beforeAll(async () => {
  host = await bootHost("one-private");
});
afterAll(() => host?.stop());

/** Caddy's response to a client in a network of `viewers.allow`, or in another network. */
const statusFor = (whom: "viewer" | "stranger", password?: string): Promise<string> =>
  statusOf(whom, "/api/status", password === undefined ? {} : { authorization: viewersAuthorization(password) });
async function statusOf(whom: "viewer" | "stranger", path: string, headers: Record<string, string>): Promise<string> {
  const address = whom === "viewer" ? host.address : host.addressForStrangers;
  const request = { host: address, servername: "one.test", path, rejectUnauthorized: false };
  const options = JSON.stringify({ ...request, headers: { host: "one.test", ...headers } });
  const script = `require("https").get(${options}, (answer) => { console.log(answer.statusCode); process.exit(); }).on("error", (error) => console.log(error.code))`;
  return (await answerOf(host.fromOutside([named("NODE24"), "-e", script]))).stdout.trim();
}
const untilAnswered = (whom: "viewer" | "stranger", password: string | undefined, status: string) =>
  until(`a ${whom} gets ${status}`, async () => (await statusFor(whom, password)) === status);

test("without its password's file a stage comes up closed, and its unit says why; networks that need no password can watch", async () => {
  await untilAnswered("viewer", undefined, "200");
  expect(await statusFor("stranger")).toBe("503");
  expect(await statusFor("stranger", "")).toBe("503");
  await until("the unit has failed", async () => (await property(host, unit, "ActiveState")) === "failed");
  expect(await host.succeed("journalctl", "-u", unit, "-o", "cat")).toContain(
    "the stage is closed to everybody who needs",
  );
});

test("with the file, a restart of the unit that reads secrets opens it to viewers with the password", async () => {
  await host.succeed("mkdir", "-p", "/run/secrets");
  writeFileSync(host.file(secret), "the first evening\n", { mode: 0o400 });
  await host.succeed("systemctl", "restart", "lectern-main-config", unit);
  await untilAnswered("stranger", "the first evening", "200");
  expect(await statusFor("stranger")).toBe("401");
  await expectAllWell(host);
});

test("Caddy's password file belongs to root, and only Caddy can read it", async () => {
  const file = "/run/lectern/main-viewers/door.caddyfile";
  expect(await host.succeed("stat", "-c", "%U %G %a", file)).toBe("root caddy 640");
  for (const user of ["lectern-main", "gate-main", "nobody"])
    expect(await host.run("setpriv", `--reuid=${user}`, "--clear-groups", "--regid=65534", "cat", file)).toMatchObject({
      code: 1,
    });
});

test("a new password holds after the restart that other secrets need, by a reload: Caddy and the server go on", async () => {
  const [caddy, server] = [await runOf(host, "caddy"), await runOf(host, "owncast-main")];
  writeFileSync(host.file(secret), "the second evening\n");
  await host.succeed("systemctl", "restart", "lectern-main-config");
  await untilAnswered("stranger", "the second evening", "200");
  expect(await statusFor("stranger", "the first evening")).toBe("401");
  expect([await runOf(host, "caddy"), await runOf(host, "owncast-main")]).toEqual([caddy, server]);
});

test("once the file is gone, the same restart closes the stage", async () => {
  rmSync(host.file(secret));
  await host.run("systemctl", "restart", "lectern-main-config");
  await untilAnswered("stranger", "the second evening", "503");
  expect(await property(host, unit, "ActiveState")).toBe("failed");
  expect(await statusFor("viewer")).toBe("200");
});

test("once it is back, the same restart opens it", async () => {
  writeFileSync(host.file(secret), "the third evening\n");
  await host.succeed("systemctl", "restart", "lectern-main-config");
  await untilAnswered("stranger", "the third evening", "200");
  await expectAllWell(host);
});

test("while another site's fault keeps Caddy from reloading, the unit fails; the restart after the fault is mended tells Caddy", async () => {
  const caddyfile = host.file("/etc/caddy/caddy_config");
  const whole = readFileSync(caddyfile);
  appendFileSync(caddyfile, "other.test {\n\tno_such_directive\n}\n");
  writeFileSync(host.file(secret), "the fourth evening\n");
  await host.succeed("systemctl", "restart", "lectern-main-config");
  await until("the unit has failed", async () => (await property(host, unit, "ActiveState")) === "failed");
  expect(await host.succeed("journalctl", "-u", unit, "-o", "cat")).toContain("Caddy may still use an old secret");
  expect(await statusFor("stranger", "the third evening")).toBe("200");
  writeFileSync(caddyfile, whole);
  await host.succeed("systemctl", "restart", "lectern-main-config");
  await untilAnswered("stranger", "the fourth evening", "200");
  expect(await statusFor("stranger", "the third evening")).toBe("401");
  await expectAllWell(host);
});

test("after a boot it is open to viewers with the password, without a restart of Caddy", async () => {
  // On a host, a secrets tool writes the file at each boot.
  const secrets = `d /run/secrets 0700\nf ${secret} 0400 root root - the fourth evening\n`;
  writeFileSync(host.file("/etc/tmpfiles.d/secrets.conf"), secrets);
  await host.reboot();
  await expectAllWell(host);
  await untilAnswered("stranger", "the fourth evening", "200");
  expect(await property(host, "caddy", "NRestarts")).toBe("0");
});

const cache = "/var/cache/lectern/main";

test("its segments are in memory: a live stage plays, and the keeper holds hard links, which take no room", async () => {
  expect(await host.succeed("findmnt", "--noheadings", "--mountpoint", cache, "--output", "FSTYPE")).toBe("tmpfs");
  const folders = await host.succeed("stat", "-c", "%U %G %a %m", cache, `${cache}/hls`, `${cache}/hls-kept`);
  const ofStage = `lectern-main caddy 2750 ${cache}`;
  expect(folders.split("\n")).toEqual([`root root 755 ${cache}`, ofStage, ofStage]);
  const camera = await goLive(host, stageOf(host));
  await expectNoFaults(host, stageOf(host));
  const names = (folder: string) => host.succeed("sh", "-c", `ls -i ${cache}/${folder}/0/*.ts | awk '{ print $1 }'`);
  await until("the keeper holds segments", async () => (await names("hls-kept").catch(() => "")) !== "");
  const [kept, written] = [await names("hls-kept"), (await names("hls")).split("\n")];
  expect(kept.split("\n").filter((inode) => !written.includes(inode))).toEqual([]);
  // A restart enlarges it at most: it unmounts nothing, and players go on.
  await host.succeed("systemctl", "restart", "lectern-main-memory");
  await host.succeed("systemctl", "stop", "lectern-main-memory");
  await expectNoFaults(host, stageOf(host));
  await host.succeed("systemctl", "start", "lectern-main-memory");
  await camera.stop();
});

const token = "/var/lib/lectern-secrets/main/rehearsal-token";
const tokenDoor = "/run/lectern/main-rehearsal/door.caddyfile";
const rehearsing = (value: string) => statusOf("stranger", rehearsalPath, { [rehearsalHeader]: value });

test("the host has made a rehearsal token, which a stranger to the stage may show; a wrong one opens nothing", async () => {
  const value = (await host.succeed("cat", token)).trim();
  expect(Buffer.from(value, "base64url")).toHaveLength(32);
  expect(await host.succeed("stat", "-c", "%U %a", token)).toBe("root 600");
  await until("the token opens", async () => (await rehearsing(value)) === "204");
  expect([await rehearsing("x".repeat(43)), await statusFor("stranger")]).toEqual(["401", "401"]);
  expect(await host.succeed("stat", "-c", "%U %G %a", tokenDoor)).toBe("root caddy 640");
  expect(await host.succeed("stat", "-c", "%a", "/run/lectern/main-rehearsal")).toBe("750");
});

test("a removed token is made anew by the restart that other secrets need, and the old one opens nothing", async () => {
  const [caddy, server] = [await runOf(host, "caddy"), await runOf(host, "owncast-main")];
  const old = (await host.succeed("cat", token)).trim();
  rmSync(host.file(token));
  await host.succeed("systemctl", "restart", "lectern-main-config");
  await until("the old token opens nothing", async () => (await rehearsing(old)) === "401");
  const next = (await host.succeed("cat", token)).trim();
  expect([next === old, await rehearsing(next)]).toEqual([false, "204"]);
  expect([await runOf(host, "caddy"), await runOf(host, "owncast-main")]).toEqual([caddy, server]);
  await expectAllWell(host);
});

test("once its unit stops, nothing of the token is left below /run", async () => {
  await host.succeed("systemctl", "stop", "lectern-main-rehearsal");
  expect((await host.run("ls", "/run/lectern/main-rehearsal")).code).not.toBe(0);
  await host.succeed("systemctl", "start", "lectern-main-rehearsal");
  await expectAllWell(host);
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
