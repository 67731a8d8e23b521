import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { rehearsalHeader, rehearsalPath } from "../../src/viewer/rehearsal-token.ts";
import { viewersAuthorization } from "../../src/viewer/viewer-credentials.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { startChat } from "../lib/systemd/chatting-viewer.ts";
import { expectAllWell, expectNeverLetIn, expectNoFaults, failures, property, runOf } from "../lib/systemd/claims.ts";
import { named } from "../lib/systemd/from-set-up.ts";
import { type Golden, readGolden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf, until } from "../lib/systemd/node-command.ts";
import { authorityOf, type Camera, goLive, isWatched, stageOf } from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";
import { startVisitors, type Visit } from "../lib/systemd/visitors.ts";
import { startWatch } from "../lib/systemd/watching-player.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

/** The same host after an update of nginx. */
const updated = (golden: Golden): Golden =>
  new Map(
    [...golden].map(([file, bytes]) => [
      file,
      Buffer.from(bytes.toString().replace(/e+-nginx-1\.30\.0/g, `${"f".repeat(32)}-nginx-1.30.1`)),
    ]),
  );
const privateHost = readGolden("one-private-nginx");
const door = "lectern-main-viewers";
const secret = "/run/secrets/viewers-password";

let host: Host;
let camera: Camera;
beforeAll(async () => {
  host = await bootHost("one", { becomes: ["one-nginx", privateHost, updated(privateHost)] });
  await expectAllWell(host);
});
afterAll(() => host?.stop());

const stage = () => stageOf(host);
const mainPid = () => property(host, "nginx", "MainPID");
const curl = async (url: string, ...flags: string[]) =>
  answerOf(
    host.fromOutside([
      ...["curl", "-sS", "-m", "15", "--cacert", authorityOf(host), ...flags],
      ...["--resolve", `one.test:443:${host.address}`, "--resolve", `one.test:80:${host.address}`, url],
    ]),
  );
const as = (user: string, ...command: string[]) =>
  host.run("setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", ...command);

/** The status of a response to a client in a network of `viewers.allow`, or in another network. */
async function statusFor(whom: "viewer" | "stranger", headers: Record<string, string> = {}, path = "/api/status") {
  const address = whom === "viewer" ? host.address : host.addressForStrangers;
  const request = { host: address, servername: "one.test", path, rejectUnauthorized: false };
  const options = JSON.stringify({ ...request, headers: { host: "one.test", ...headers } });
  const script = `require("https").get(${options}, (answer) => { console.log(answer.statusCode); process.exit(); }).on("error", (error) => console.log(error.code))`;
  return (await answerOf(host.fromOutside([named("NODE24"), "-e", script]))).stdout.trim();
}
const withPassword = (password: string) => statusFor("stranger", { authorization: viewersAuthorization(password) });

/** How nginx served visitors during an operation on it, and for some time after. Then the download gets the rest at once. */
async function visited(doIt: () => Promise<unknown>, afterwardsMs = 0): Promise<Visit> {
  const visitors = startVisitors(host, stage(), { page: "/api/status", download: "/hls/9/stream-large-1.ts" });
  await sleep(1000);
  await doIt();
  await sleep(afterwardsMs);
  return visitors.end();
}

test("a live host changes its front from Caddy to nginx: Owncast and the camera's stream go on", async () => {
  camera = await goLive(host, stage());
  const server = await runOf(host, "owncast-main");
  expect(await switchTo(host, "one-nginx")).toMatchObject({ stop: ["caddy.service"], stopAndStart: [], restart: [] });
  await expectAllWell(host);
  expect(await runOf(host, "owncast-main")).toBe(server);
});

test("what a camera sends comes over HTTPS with HTTP/2, and plain http leads there", async () => {
  await expectNoFaults(host, stage());
  const segment = await host.succeed("sh", "-c", "cd /var/cache/lectern/main/hls-kept && ls 0/stream-*.ts | head -1");
  for (const path of ["/", "/hls/stream.m3u8", "/hls/0/stream.m3u8", `/hls/${segment}`])
    expect(
      (await curl(`https://one.test${path}`, "-o", "/dev/null", "-w", "%{http_version} %{http_code}")).stdout,
    ).toBe("2 200");
  expect((await curl("http://one.test/", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}")).stdout).toBe(
    "301 https://one.test/",
  );
});

test("only nginx asks the keeper and reads segments; it reads nothing of the stage's state and secrets", async () => {
  const segment = await host.succeed("sh", "-c", "ls /var/cache/lectern/main/hls-kept/0/stream-*.ts | head -1");
  const ask = `require("net").connect("/run/lectern/main-keeper.sock").on("connect", () => { console.log("asked"); process.exit(); }).on("error", (error) => { console.log(error.code); process.exit(1); })`;
  const asked = (user: string) => as(user, "/opt/lectern/node", "-e", ask);
  expect(await asked("nginx")).toMatchObject({ code: 0, stdout: "asked\n" });
  expect(await as("nginx", "head", "--bytes=1", segment)).toMatchObject({ code: 0, stdout: "G" });
  expect(await asked("gate-main")).toMatchObject({ code: 1, stdout: "EACCES\n" });
  expect(await as("gate-main", "head", "--bytes=1", segment)).toMatchObject({ code: 1, stdout: "" });
  for (const file of [
    "/var/lib/lectern/main/data/owncast.db",
    "/var/lib/lectern-secrets/main/admin-password",
    "/run/lectern/main-gate-keys/stream-key",
  ]) {
    await host.succeed("test", "-s", file);
    expect(await as("nginx", "cat", file)).toMatchObject({ code: 1, stdout: "" });
  }
});

test("its unit gives nginx two capabilities and a read-only system; nixpkgs' hardening and ours count less than 2 of 10", async () => {
  const pid = await mainPid();
  const status = await host.succeed("cat", `/proc/${pid}/status`);
  // At most CAP_NET_BIND_SERVICE and CAP_SYS_RESOURCE. This machine may have fewer to give. Then, a filter of system calls.
  const [, capabilities = ""] = /^CapBnd:\s+(\w+)$/m.exec(status) ?? [];
  expect(BigInt(`0x${capabilities}`) & ~0x1000400n).toBe(0n);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  expect(status).toMatch(/^Seccomp:\s+2$/m);
  const inside = (...command: string[]) => host.run("nsenter", `--target=${pid}`, "--mount", ...command);
  for (const folder of ["/etc", "/var/lib/certificates", "/var/cache/lectern/main/hls-kept"])
    expect((await inside("touch", `${folder}/written`)).stderr).toMatch(/Read-only file system/);
  const { stdout } = await host.run("systemd-analyze", "security", "--no-pager", "nginx.service");
  const [, exposure] = /exposure level for nginx\.service: ([\d.]+)/.exec(stdout) ?? [];
  expect(Number(exposure)).toBeLessThan(2);
});

// The host's new stage is private; this viewer's network needs no password.
test("a switch to a changed stage reloads nginx: a player and a download go on, and a chat ends before the old workers must", async () => {
  await host.succeed(
    ...[
      "sh",
      "-ec",
      "cd /var/cache/lectern/main && mkdir hls/9 && head -c 64M /dev/zero > hls/9/stream-large-1.ts && chmod -R u=rwX,g=rX,o= hls/9",
    ],
  );
  const before = [await mainPid(), await runOf(host, "owncast-main")];
  const watch = startWatch(host, stage());
  await until("a player plays", () => isWatched(host, stage()));
  const chat = await startChat(host, stage());
  let reloadedAt = 0;
  const { longestGapMs, failures, download } = await visited(async () => {
    const decision = await switchTo(host, privateHost);
    reloadedAt = Date.now();
    expect(decision).toMatchObject({ stop: [], restart: [], reload: [] });
  });
  console.log(`a reload: longest time without an answer ${longestGapMs} ms`);
  expect({ failures, download }).toEqual({ failures: [], download: "whole" });
  await until(
    "its old workers have ended",
    async () => (await host.run("sh", "-c", "grep -qa 'shutting dow[n]' /proc/[0-9]*/cmdline")).code !== 0,
  );
  const { endedAt = Number.NaN } = await chat.end();
  console.log(`a chat connection ended ${endedAt - reloadedAt} ms after the switch`);
  expect(endedAt - reloadedAt).toBeLessThan(20_000);
  expect(await watch.end()).toMatchObject({ sessions: [expect.any(Number)], faults: [] });
  expect([await mainPid(), await runOf(host, "owncast-main")]).toEqual(before);
});

test("without its password's file the stage is closed then; with the file, one restart opens it by a reload", async () => {
  expect(await statusFor("viewer")).toBe("200");
  expect([await statusFor("stranger"), await withPassword("")]).toEqual(["503", "503"]);
  expect(await property(host, door, "ActiveState")).toBe("failed");
  await host.succeed("mkdir", "-p", "/run/secrets");
  const before = await mainPid();
  writeFileSync(host.file(secret), "the first evening\n", { mode: 0o400 });
  await host.succeed("systemctl", "restart", "lectern-main-config", door);
  await until("the password opens it", async () => (await withPassword("the first evening")) === "200");
  expect([await statusFor("stranger"), await mainPid()]).toEqual(["401", before]);
  const file = "/run/lectern/main-viewers/door.nginx";
  expect(await host.succeed("stat", "-c", "%U %G %a", file)).toBe("root nginx 640");
  for (const user of ["lectern-main", "gate-main"]) expect(await as(user, "cat", file)).toMatchObject({ code: 1 });
  const token = await host.succeed("cat", "/var/lib/lectern-secrets/main/rehearsal-token");
  expect(await statusFor("stranger", { [rehearsalHeader]: token }, rehearsalPath)).toBe("204");
});

test("while another site's fault keeps nginx from reloading, the reload and the door say so, and all viewers get what they had", async () => {
  const file = host.file("/etc/nginx/nginx.conf");
  const whole = readFileSync(file, "utf8");
  writeFileSync(file, whole.replace(/^http \{$/m, "http {\nno_such_directive;"));
  expect(await host.run("systemctl", "reload", "nginx")).toMatchObject({ code: 1 });
  expect(await host.succeed("journalctl", "-u", "nginx", "-o", "cat")).toContain(
    'unknown directive "no_such_directive" in /etc/nginx/nginx.conf:',
  );
  writeFileSync(host.file(secret), "the second evening\n");
  await host.run("systemctl", "restart", door);
  await until("the door's unit has failed", async () => (await property(host, door, "ActiveState")) === "failed");
  expect(await host.succeed("journalctl", "-u", door, "-o", "cat")).toContain("nginx may still use an old secret");
  expect(await withPassword("the first evening")).toBe("200");
  writeFileSync(file, whole);
  await host.succeed("systemctl", "restart", door);
  await until("the new password opens it", async () => (await withPassword("the second evening")) === "200");
  expect(await withPassword("the first evening")).toBe("401");
});

test("a renewed certificate is served after the reload that follows it, and nobody waits", async () => {
  const script = `cd /root && openssl req -quiet -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
    -subj "/CN=a renewed authority" -keyout ca.key -out ca.pem && openssl req -quiet -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -nodes -subj /CN=one.test -keyout new.key -out new.csr && printf 'subjectAltName=DNS:one.test\\n' > names &&
    openssl x509 -req -in new.csr -CA ca.pem -CAkey ca.key -days 8 -extfile names -out new.pem 2>/dev/null &&
    chown root:nginx new.key && chmod 640 new.key && cat ca.pem`;
  const before = await mainPid();
  appendFileSync(authorityOf(host), `\n${await host.succeed("sh", "-ec", script)}\n`);
  const { longestGapMs, failures } = await visited(async () => {
    await host.succeed(
      "sh",
      "-ec",
      "cd /var/lib/certificates; mv /root/new.key one.test.key; mv /root/new.pem one.test.pem",
    );
    await host.succeed("systemctl", "--no-block", "try-reload-or-restart", "nginx.service");
    await until("it is served", async () =>
      (await curl("https://one.test/", "-o", "/dev/null", "-v")).stderr.includes("issuer: CN=a renewed authority"),
    );
  }, 500);
  console.log(`a renewed certificate: longest time without an answer ${longestGapMs} ms`);
  expect({ failures, pid: await mainPid() }).toEqual({ failures: [], pid: before });
});

// The limit is one second on an idle machine.
test("at an update everybody is answered again at once, systemd counts no failure, and the camera's stream goes on", async () => {
  const [pid, server] = [await mainPid(), await runOf(host, "owncast-main")];
  const { longestGapMs } = await visited(async () => {
    const decision = await switchTo(host, updated(privateHost));
    expect(decision).toMatchObject({ stop: [], stopAndStart: [], restart: ["nginx.service"], reload: [] });
  }, 1000);
  console.log(`another nginx: longest time without an answer ${longestGapMs} ms`);
  expect(longestGapMs).toBeLessThan(3000);
  expect(await mainPid()).not.toBe(pid);
  expect(await runOf(host, "owncast-main")).toBe(server);
  expect([await failures(host), await property(host, "nginx", "NRestarts")]).toEqual(["", "0"]);
  expect((await camera.stop()).reconnects).toBe(0);
});

test("once the password's file is gone, a restart of the door's unit closes the stage", async () => {
  rmSync(host.file(secret));
  await host.run("systemctl", "restart", door);
  await until("it is closed", async () => (await withPassword("the second evening")) === "503");
  expect(await statusFor("viewer")).toBe("200");
});

test("after a boot it is open to viewers with the password, and its segments are in memory", async () => {
  // On a host, a secrets tool writes the file at each boot.
  const secrets = `d /run/secrets 0700\nf ${secret} 0400 root root - the third evening\n`;
  writeFileSync(host.file("/etc/tmpfiles.d/secrets.conf"), secrets);
  await host.reboot();
  await expectAllWell(host);
  await until("the password opens it", async () => (await withPassword("the third evening")) === "200");
  expect(await statusFor("stranger")).toBe("401");
  expect(await property(host, "nginx", "NRestarts")).toBe("0");
  const folder = "/var/cache/lectern/main";
  expect(await host.succeed("findmnt", "--noheadings", "--mountpoint", folder, "--output", "FSTYPE")).toBe("tmpfs");
  expect(await host.succeed("stat", "-c", "%U %G %a", `${folder}/hls-kept`)).toBe("lectern-main nginx 2750");
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
