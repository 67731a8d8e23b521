import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import {
  expectAllWell,
  expectNeverLetIn,
  expectNone,
  failures,
  property,
  runOf,
  settled,
} from "../lib/systemd/claims.ts";
import { bootEdge, cable, connectHosts, edgeSecretFile, secretAtBoot } from "../lib/systemd/edge-node.ts";
import { type Golden, readGolden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf, until } from "../lib/systemd/node-command.ts";
import { admin, authorityOf, type Camera, faultsFor, goLive, stageOf } from "../lib/systemd/node-stage.ts";
import { startVisitors } from "../lib/systemd/visitors.ts";

// The hosts `edge` and `origin-nginx`, each under its own systemd, with a cable between them.

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

const site = { name: "main", domain: "edge.test", rtmpPort: 0 };
const unit = "lectern-edge-secret";
const secretOf = (evening: string) => `the-secret-of-the-${evening}-evening-0123456789`;

/** The golden edge with 8 s instead of 30 s for old playlists: the lane's time is short. */
const stale = { stated: "stale-while-revalidate=30", shortened: 8 };
function shortened(golden: Golden): Golden {
  const text = `${golden.get("nginx.conf")}`;
  if (!text.includes(stale.stated)) throw new Error("the edge states another time for old playlists");
  return new Map([
    ...golden,
    ["nginx.conf", Buffer.from(text.replace(stale.stated, `stale-while-revalidate=${stale.shortened}`))],
  ]);
}

let edge: Host;
let origin: Host;
/** The origin is live a while after its boot. */
let goingLive: Promise<Camera>;
beforeAll(async () => {
  const secret = secretAtBoot(secretOf("first"));
  // For `lectern probe`, which checks the edge against the stage's seed.
  const seed = { "/etc/lectern/main.json": `${readGolden("origin-nginx").get("etc/lectern/main.json")}` };
  [edge, origin] = await Promise.all([
    bootEdge({ ...secret, ...seed }, shortened),
    bootHost("origin-nginx", { files: secret }),
  ]);
  goingLive = expectAllWell(origin).then(() => goLive(origin, stageOf(origin)));
  goingLive.catch(() => {});
});
afterAll(async () => {
  await Promise.all([edge?.stop(), origin?.stop()]);
});

interface Got {
  readonly status: number;
  readonly body: string;
}
/** What a viewer gets from the edge. Viewers come from two addresses, each to another address of the edge. */
async function get(path: string, { from = "near", host = "edge.test", flags = [] as string[] } = {}): Promise<Got> {
  // With HTTP/2 a connection that is new at a reload ends without a request: a browser then asks again, and curl does not.
  const address = from === "near" ? edge.address : edge.addressForStrangers;
  const { stdout, stderr, code } = await answerOf(
    edge.fromOutside([
      ...["curl", "-sS", "--http1.1", "-m", "20", "--cacert", authorityOf(edge), "-w", "\n%{http_code}", ...flags],
      ...["--resolve", `${host}:443:${address}`, `https://${host}${path}`],
    ]),
  );
  if (code !== 0) throw new Error(stderr);
  const at = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}
/** A segment's status and the hash of what came. */
async function segmentOf(name: string): Promise<string> {
  const { status, body } = await get(`/hls/0/${name}`);
  return `${status} ${createHash("sha256").update(body).digest("hex")}`;
}
/** The newest segment that the edge lists. */
const newest = async (): Promise<string> => (await get(list)).body.match(/stream-\S+\.ts/g)?.at(-1) ?? "none";
const list = "/hls/0/stream.m3u8";
const browser = { flags: ["-H", "Accept: text/html"] };
const down = { status: 503, body: "The stage does not answer right now." };
const mainPid = (host: Host) => property(host, "nginx", "MainPID");
const as = (user: string, ...command: string[]) =>
  edge.run("setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", ...command);

/** The addresses of those whom Owncast counts with this name of a program. */
async function counted(agent: string): Promise<string[]> {
  const viewers = (await admin(origin, stageOf(origin), "viewers")) as { ipAddress: string; userAgent: string }[];
  return viewers.flatMap(({ ipAddress, userAgent }) => (userAgent === agent ? [ipAddress] : [])).sort();
}
let agents = 0;
/** As whom Owncast counts two new viewers of the edge. */
async function countedViewers(): Promise<string[]> {
  const agent = `viewer-${++agents}`;
  for (const from of ["near", "far"]) expect((await get("/api/ping", { from, flags: ["-A", agent] })).status).toBe(200);
  return counted(agent);
}
const own = ["192.0.2.2", "198.51.100.2"];

test("an edge that knows no address of its origin at its first boot starts by itself once it does", async () => {
  // nixpkgs' own limit would let it start five times in a minute.
  await until("nginx tries again and again", async () => Number(await property(edge, "nginx", "NRestarts")) > 6);
  expect(await edge.succeed("journalctl", "-u", "nginx", "-o", "cat")).toContain("host not found in upstream");
  appendFileSync(edge.file("/etc/hosts"), `${cable.origin} one.test two.test\n`);
  await until("nginx runs", async () => (await property(edge, "nginx", "ActiveState")) === "active");
  await settled(edge);
  expect(await failures(edge)).toBe("");
  expect(await property(edge, unit, "ActiveState")).toBe("active");
});

test("before it can reach the origin it tells viewers so", async () => {
  const page = await get("/", browser);
  expect([page.status, page.body.includes("Back in a moment")]).toEqual([503, true]);
  for (const path of [list, "/hls/0/stream-a-1.ts", "/api/status"]) expect(await get(path)).toEqual(down);
  expect((await get("/.well-known/lectern-edge")).status).toBe(200);
});

test("once the origin is there, page, chat and video come by it, and the admin page does not", async () => {
  await goingLive;
  await connectHosts(edge, origin);
  const probed = faultsFor(edge, site);
  for (const path of ["/admin/", "/api/admin/status"]) expect((await get(path)).status).toBe(404);
  for (const host of ["unknown.test", "one.test"]) expect((await get(list, { host, flags: ["-k"] })).status).toBe(421);
  expect(await countedViewers()).toEqual(own);
  expectNone(await probed);
});

test("only nginx may read the secret and the cache, and write to the cache; it keeps its unit's hardening, and so does the secret's unit", async () => {
  const secret = "/run/lectern/edge-secret/door.nginx";
  expect(await edge.succeed("stat", "-c", "%U %G %a", secret)).toBe("root nginx 640");
  expect(await edge.succeed("stat", "-c", "%U %G %a", "/var/cache/lectern-edge")).toBe("nginx nginx 700");
  for (const file of [secret, edgeSecretFile]) expect((await as("nobody", "cat", file)).code).toBe(1);
  expect((await as("nginx", "touch", secret)).code).toBe(1);
  expect((await as("nobody", "ls", "/var/cache/lectern-edge")).code).not.toBe(0);
  const pid = await mainPid(edge);
  expect(await edge.succeed("cat", `/proc/${pid}/status`)).toMatch(/^NoNewPrivs:\s+1\nSeccomp:\s+2$/m);
  const inside = (...command: string[]) => edge.run("nsenter", `--target=${pid}`, "--mount", ...command);
  for (const folder of ["/etc", "/var/lib/certificates", "/var/cache"])
    expect([folder, (await inside("touch", `${folder}/written`)).stderr]).toEqual([
      folder,
      expect.stringContaining("Read-only file system"),
    ]);
  for (const each of ["nginx", unit]) {
    const { stdout } = await edge.run("systemd-analyze", "security", "--no-pager", `${each}.service`);
    const [, exposure] = /exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
    console.log(`systemd's measure of what ${each} could do: ${exposure} of 10`);
    expect(Number(exposure)).toBeLessThan(2);
  }
});

test("a replaced secret counts after one restart at each of the two, and the reload of the edge cuts no viewer", async () => {
  await origin.succeed(
    ...["sh", "-ec"],
    "cd /var/cache/lectern/main && mkdir hls/9 && head -c 32M /dev/zero > hls/9/stream-large-1.ts && chmod -R u=rwX,g=rX,o= hls/9",
  );
  const before = await mainPid(edge);
  for (const host of [edge, origin]) writeFileSync(host.file(edgeSecretFile), `${secretOf("second")}\n`);
  const visitors = startVisitors(edge, site, { page: list, download: "/hls/9/stream-large-1.ts" });
  await sleep(1000);
  await edge.succeed("systemctl", "restart", unit);
  await until("the origin does not know the edge any more", async () => (await countedViewers()).join() === cable.edge);
  await origin.succeed("systemctl", "restart", "lectern-edge-door");
  await until("the origin knows it again", async () => (await countedViewers()).join() === own.join());
  const { longestGapMs, failures: missed, download } = await visitors.end();
  console.log(`a replaced secret: longest time without an answer ${longestGapMs} ms`);
  expect({ missed, download }).toEqual({ missed: [], download: "whole" });
  // While no name server answers, a reload changes nothing.
  const names = readFileSync(edge.file("/etc/hosts"));
  writeFileSync(edge.file("/etc/hosts"), "");
  expect((await edge.run("systemctl", "reload", "nginx")).code).not.toBe(0);
  expect([(await get(list)).status, await mainPid(edge)]).toEqual([200, before]);
  writeFileSync(edge.file("/etc/hosts"), names);
});

test("an edge whose origin is killed serves what it has, also after its own restart, and old playlists for their stated time", async () => {
  const name = await newest();
  const segment = await segmentOf(name);
  expect(segment).toMatch(/^200 /);
  await origin.succeed("systemctl", "kill", "--signal=KILL", "nginx");
  await origin.succeed("systemctl", "stop", "nginx");
  const killedAt = Date.now();
  const { body: last } = await get(list);
  expect(last).toContain(name);
  await edge.succeed("systemctl", "restart", "nginx");
  await until(
    "nginx answers",
    async () => (await get("/.well-known/lectern-edge").catch(() => undefined)) !== undefined,
  );
  expect(await segmentOf(name)).toEqual(segment);
  // Meanwhile the secret goes missing: the edge serves all the same.
  const running = await runOf(edge, "nginx");
  rmSync(edge.file(edgeSecretFile));
  expect((await edge.run("systemctl", "restart", unit)).code).not.toBe(0);
  expect(await property(edge, unit, "ActiveState")).toBe("failed");
  expect(await edge.succeed("journalctl", "-u", unit, "-o", "cat")).toContain(
    "the origin counts all viewers of an edge as one",
  );
  expect([await segmentOf(name), await runOf(edge, "nginx")]).toEqual([segment, running]);
  expect(await get("/hls/0/stream-a-1.ts")).toEqual(down);
  // The playlist was at most a second old at the kill.
  let answer = await get(list);
  for (; answer.status === 200; answer = await get(list)) {
    expect(answer.body).toBe(last);
    await sleep(250);
  }
  const seconds = (Date.now() - killedAt) / 1000;
  console.log(`old playlists for ${seconds.toFixed(1)} s`);
  expect(answer).toEqual(down);
  expect(seconds).toBeGreaterThan(stale.shortened - 1);
  expect(seconds).toBeLessThan(stale.shortened + 15);
  expect((await get("/", browser)).body).toContain("Back in a moment");
  expect(await segmentOf(name)).toEqual(segment);
});

// The limit is two seconds on an idle machine.
test("it is fresh soon after the origin's return, and without its secret its viewers count as one until the file is back", async () => {
  await origin.succeed("systemctl", "start", "nginx");
  const since = Date.now();
  await until("it is fresh", async () => (await get(list)).status === 200);
  const seconds = (Date.now() - since) / 1000;
  console.log(`fresh ${seconds.toFixed(1)} s after the origin's return`);
  expect(seconds).toBeLessThan(20);
  expect(await countedViewers()).toEqual([cable.edge]);
  writeFileSync(edge.file(edgeSecretFile), `${secretOf("second")}\n`, { mode: 0o400 });
  await edge.succeed("systemctl", "restart", unit);
  await until("the origin knows it again", async () => (await countedViewers()).join() === own.join());
});

test("after a boot it has its cache and its secret", async () => {
  const name = await newest();
  const segment = await segmentOf(name);
  expect(segment).toMatch(/^200 /);
  for (const [path, text] of Object.entries(secretAtBoot(secretOf("second")))) writeFileSync(edge.file(path), text);
  await edge.reboot();
  await settled(edge);
  expect(await failures(edge)).toBe("");
  // The boot has cut the cable.
  expect(await segmentOf(name)).toEqual(segment);
  expect((await get("/hls/0/stream-a-1.ts")).status).toBe(503);
  await connectHosts(edge, origin);
  await until("the origin knows it", async () => (await countedViewers()).join() === own.join());
});

test("in all this the public password and key never worked", async () => {
  await expectNeverLetIn(origin);
  await (await goingLive).stop();
});
