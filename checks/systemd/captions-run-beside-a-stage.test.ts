import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { needs } from "../lib/needs.ts";
import { ensureCalm, measurePressure } from "../lib/process/processor-pressure.ts";
import { expectAllWell, expectNeverLetIn, expectNoFaults, property, runOf, settled } from "../lib/systemd/claims.ts";
import { commandWith, readGolden } from "../lib/systemd/golden-files.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { answerOf, until } from "../lib/systemd/node-command.ts";
import { authorityOf, type Camera, goLive, publish, stageOf } from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";

// The host `one` becomes `one-captions` while it is on air, with the real engine: pocketsphinx hears a camera and an interpreter, who speak by flite.

// The lane's sample does not include this file.
const hasEngines = Boolean(process.env.SPEECH);
const engines = needs(hasEngines, "the speech engines → npm run setup");
const test = (claim: string, run: (context: TestContext) => Promise<void>): void =>
  vitestTest.runIf(isExhaustive)(claim, engines, run);

const captions = "lectern-main-captions";
const engine = (language: string) => `lectern-main-speech@${language}`;
const gateUpdate = "lectern-main-gate-update.service";
const spoken = "checks/vm/lib/speech.txt";
const interpreted = "Thank you very much.\nThe children play in the garden.\n";

let host: Host;
let camera: Camera;
let interpreter: Camera;
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lectern-captions-"));
  writeFileSync(join(scratch, "interpreted.txt"), interpreted);
  if (isExhaustive && hasEngines) {
    // A host gives a lost camera half a minute to reconnect.
    const soon = commandWith(readGolden("one-captions"), gateUpdate, "when-off-air", "when-off-air --quiet 2");
    host = await bootHost("one", { becomes: ["one-captions"], dropIns: { [gateUpdate]: soon } });
  }
});
afterAll(async () => {
  await host?.stop();
  if (scratch) rmSync(scratch, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly body: string;
}
/** What a viewer gets from Caddy. */
async function get(path: string, flags: readonly string[] = []): Promise<Got> {
  const { stdout, stderr, code } = await answerOf(
    host.fromOutside([
      ...["curl", "-sS", "-m", "20", "--cacert", authorityOf(host), "-w", "\n%{http_code}", ...flags],
      ...["--resolve", `one.test:443:${host.address}`, `https://one.test${path}`],
    ]),
  );
  if (code !== 0) throw new Error(stderr);
  const at = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}

/** The languages that players are offered. */
async function offered(): Promise<string[]> {
  const { body } = await get("/hls/stream.m3u8");
  return [...body.matchAll(/^#EXT-X-MEDIA:TYPE=SUBTITLES,.*LANGUAGE="([^"]+)"/gm)].map(([, language = ""]) => language);
}
const untilOffered = (language: string) =>
  until(`the track ${language} is offered`, async () => (await offered()).includes(language));

const folderOf = (language: string) => `/hls/captions/${language}`;
/** The files of captions that are listed now. */
async function filesOf(language: string): Promise<string[]> {
  const { body } = await get(`${folderOf(language)}/stream.m3u8`);
  return body.match(/^\S+\.vtt$/gm) ?? [];
}

/** All captions of a language that are listed now, but for those of some files, in one line and lower case. */
async function listed(language: string, but: readonly string[] = []): Promise<string> {
  const folder = folderOf(language);
  const files = (await filesOf(language)).filter((file) => !but.includes(file));
  if (files.length === 0) return "";
  // One curl gets all, and writes each status before the next file.
  const { body: text } = await get(`${folder}/{${files}}`);
  expect(text.match(/^(200)?WEBVTT/gm)).toHaveLength(files.length);
  return text
    .replaceAll(/^(200)?(WEBVTT|NOTE|X-|.*-->).*$/gm, "")
    .replaceAll(/\s+/g, " ")
    .toLowerCase();
}
const untilSaid = (language: string, words: RegExp, but: readonly string[] = []) =>
  until(`captions in ${language} say ${words}`, async () => words.test(await listed(language, but)), 500);

const as = (user: string, ...command: string[]) =>
  host.run("setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups", ...command);
const secretOf = (name: string) => readFileSync(host.file(`/var/lib/lectern-secrets/main/${name}`), "utf8").trim();

test("a stage that is on air gets captions by a switch, and its stream goes on", async () => {
  await expectAllWell(host);
  camera = await goLive(host, stageOf(host), "stream-key", ["--speech", spoken]);
  const runs = async () => [await runOf(host, "owncast-main"), await runOf(host, "lectern-main-gate")];
  const before = await runs();
  expect(await switchTo(host, "one-captions")).toMatchObject({
    stop: [],
    leave: expect.arrayContaining(["lectern-main-gate.service"]),
  });
  await untilOffered("en");
  await expectNoFaults(host, stageOf(host));
  expect(await runs()).toEqual(before);
  // The gate has a new command line, for interpreters' sound.
  expect(await property(host, gateUpdate, "ActiveState")).toBe("active");
  expect(await camera.stop()).toMatchObject({ reconnects: 0 });
  await until("the gate is of the new host", async () => (await runOf(host, "lectern-main-gate")) !== before[1]);
});

test("all is well then, and the captions' units are active with no more rights than they need", async () => {
  await expectAllWell(host);
  for (const unit of [captions, engine("en"), engine("fr")]) {
    expect([unit, await property(host, unit, "ActiveState")]).toEqual([unit, "active"]);
    const { stdout } = await host.run("systemd-analyze", "security", "--no-pager", `${unit}.service`);
    const [, exposure] = /exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
    console.log(`systemd's measure of what ${unit} could do: ${exposure} of 10`);
    expect(Number(exposure)).toBeLessThan(2);
  }
});

test("what the camera says reaches viewers through Caddy; a track without words is not offered", async () => {
  camera = await goLive(host, stageOf(host), "stream-key", ["--speech", spoken]);
  interpreter = publish(host, stageOf(host), "interpreter-key-fr", ["--speech", join(scratch, "interpreted.txt")]);
  await untilOffered("en");
  await untilSaid("en", /welcome|weather|questions/);
  await expectNoFaults(host, stageOf(host));
  // Nothing translates on this host.
  expect(await offered()).not.toContain("es");
});

test("an interpreter's own key leads to the interpreter's track, and their picture nowhere", async () => {
  await untilOffered("fr");
  await untilSaid("fr", /thank|children|garden/);
  expect(await listed("en")).not.toMatch(/children|garden/);
});

test("a captioner's text reaches viewers with the token alone", async () => {
  const send = (token: string) => {
    writeFileSync(join(scratch, "token"), `Authorization: Bearer ${token}\n`, { mode: 0o600 });
    const text = ["-H", "Content-Type: text/plain", "--data-binary", "Guten Abend, willkommen."];
    return get("/captions/de", ["-H", `@${join(scratch, "token")}`, ...text]);
  };
  expect((await send("x".repeat(43))).status).toBe(401);
  expect((await send(secretOf("stream-key"))).status).toBe(401);
  // The first text makes the track.
  expect((await send(secretOf("captions-token-de"))).status).toBe(200);
  await untilOffered("de");
  expect((await send(secretOf("captions-token-de"))).status).toBe(200);
  await untilSaid("de", /guten abend, willkommen\./);
});

test("no user reads another's secrets or uses another's socket", async () => {
  const pid = await property(host, captions, "MainPID");
  const inService = (...command: string[]) =>
    host.run(
      "nsenter",
      `--target=${pid}`,
      "--mount",
      "setpriv",
      "--reuid=captions-main",
      "--regid=captions-main",
      "--groups=caddy",
      ...command,
    );
  // It is in Caddy's group for the segments, and sees nothing else of that group's.
  expect((await inService("ls", "/run/lectern", "/var/lib", "/var/cache/lectern/main")).stdout.split(/\s+/)).toEqual([
    ...["/run/lectern:", "/var/cache/lectern/main:", "captions", "hls", "hls-kept", "/var/lib:", "captions-main", ""],
  ]);
  expect((await inService("touch", "/var/cache/lectern/main/hls/x")).code).not.toBe(0);
  const token = {
    made: "/var/lib/lectern-secrets/main/captions-token-de",
    given: `/run/credentials/${captions}.service/captions-token-de`,
  };
  const users = ["captions-main", "speech-main", "gate-main", "caddy", "lectern-main"];
  for (const user of users) {
    expect([user, (await as(user, "cat", token.made)).code]).toEqual([user, 1]);
    expect([user, (await as(user, "cat", token.given)).code]).toEqual([user, user === "captions-main" ? 0 : 1]);
  }
  const sockets = {
    push: "/run/captions-main/front/push.sock",
    inputs: "/run/captions-main/gate/inputs.sock",
    status: "/run/captions-main/status.sock",
    keeper: "/run/keeper-socket-main/captions.sock",
    engine: "/run/lectern-speech/main/en/speech.sock",
  };
  const connect = `for (const path of ${JSON.stringify(Object.values(sockets))})
    require("net").connect(path).on("error", () => {}).on("connect", function () { console.log(path); this.destroy(); })`;
  const opened = users.map((user) => as(user, "/opt/lectern/node", "-e", connect));
  const reached = (await Promise.all(opened)).map(({ stdout }) => stdout.split("\n"));
  const who = (socket: string) => users.filter((_, at) => reached[at]?.includes(socket));
  expect(Object.fromEntries(Object.entries(sockets).map(([name, socket]) => [name, who(socket)]))).toEqual({
    push: ["captions-main", "caddy"],
    inputs: ["captions-main", "gate-main"],
    status: ["captions-main"],
    keeper: ["captions-main", "caddy"],
    engine: ["captions-main", "speech-main"],
  });
  const enginesPid = await property(host, engine("en"), "MainPID");
  const network = await host.succeed("nsenter", `--target=${enginesPid}`, "--net", "ip", "-brief", "address");
  expect(network).toContain("127.0.0.1");
  expect(network).not.toContain(host.address);
});

/** Waits until a unit has been started again so many times in all, and then until English is offered and new words are there. */
async function untilBack(what: string, unit: string, restarts: number): Promise<{ readonly offeredSeconds: number }> {
  const startMs = performance.now();
  const since = () => (performance.now() - startMs) / 1000;
  await until(
    `systemd has started ${unit} again`,
    async () => Number(await property(host, unit, "NRestarts")) >= restarts,
  );
  const restartedSeconds = since();
  await untilOffered("en");
  const offeredSeconds = since();
  await untilSaid("en", /[a-z]/, await filesOf("en"));
  const seconds = [restartedSeconds, offeredSeconds, since()].map((one) => one.toFixed(1));
  console.log(
    `${what}: started again after ${seconds[0]} s, offered after ${seconds[1]} s, new words after ${seconds[2]} s`,
  );
  return { offeredSeconds };
}

const stop = (unit: string, whom: "all" | "main" = "all") =>
  host.succeed("systemctl", "kill", "--signal=STOP", `--kill-whom=${whom}`, unit);

test("no watchdog has ended a service that works", async () => {
  const restarts = [captions, engine("en"), engine("fr")].map((unit) => property(host, unit, "NRestarts"));
  expect(await Promise.all(restarts)).toEqual(["0", "0", "0"]);
});

test("an engine that is killed costs the picture nothing, and captions come back", async () => {
  const server = await runOf(host, "owncast-main");
  await host.succeed("systemctl", "kill", "--signal=KILL", engine("en"));
  await untilBack("an engine that was killed", engine("en"), 1);
  await expectNoFaults(host, stageOf(host));
  expect(await runOf(host, "owncast-main")).toBe(server);
});

// Nobody continues it.
test("captions are back within 10 s of an engine's hang, and the picture goes on", async (context) => {
  const server = await runOf(host, "owncast-main");
  const pressure = measurePressure();
  await stop(engine("en"));
  const { offeredSeconds } = await untilBack("an engine that hangs", engine("en"), 2);
  const share = pressure();
  await expectNoFaults(host, stageOf(host));
  await untilSaid("en", /welcome|weather|questions/);
  expect(await runOf(host, "owncast-main")).toBe(server);
  if (offeredSeconds >= 10) ensureCalm(context, share);
  expect(offeredSeconds).toBeLessThan(10);
});

test("an engine that hangs while its watcher lives is started again", async () => {
  await stop(engine("en"), "main");
  await untilBack("an engine that hangs beside its watcher", engine("en"), 3);
});

test("the service comes back by itself; without it players are offered no track at once, and the stream goes on", async () => {
  const [restarts, server] = [Number(await property(host, captions, "NRestarts")), await runOf(host, "owncast-main")];
  await host.succeed("systemctl", "kill", "--signal=KILL", captions);
  await untilBack("a service that was killed", captions, restarts + 1);
  await stop(captions, "main");
  await until("a track of a service that hangs is not offered", async () => (await offered()).length === 0);
  await untilBack("a service that hangs", captions, restarts + 2);
  for (const unit of [captions, engine("en"), "owncast-main"])
    console.log(`${unit}: ${(Number(await property(host, unit, "CPUUsageNSec")) / 1e9).toFixed(1)} s of a processor`);
  await host.succeed("systemctl", "stop", captions);
  expect(await offered()).toEqual([]);
  await expectNoFaults(host, stageOf(host));
  expect(await runOf(host, "owncast-main")).toBe(server);
});

test("viewers get the published transcript, and the host's people the same by `lectern transcript`", async () => {
  const folder = "/var/lib/captions-main/transcripts";
  expect(await host.succeed("stat", "-c", "%U %G %a", folder)).toBe("captions-main caddy 2750");
  const text = readdirSync(host.file(folder)).find((name) => name.endsWith("-en.txt"));
  const { status, body } = await get(`/transcripts/${text}`);
  expect([status, /welcome|weather|questions/i.test(body)]).toEqual([200, true]);
  const session = `${text}`.replace(/-en\.txt$/, "");
  const printed = await host.lectern("transcript", "main", "--language", "en", "--session", session, "--format", "txt");
  expect([printed.code, /welcome|weather|questions/i.test(printed.stdout)]).toEqual([0, true]);
});

test("after a boot captions are there again", async () => {
  await host.reboot();
  await settled(host);
  await expectAllWell(host);
  await untilOffered("en");
  await untilSaid("en", /welcome|weather|questions/);
  await interpreter.stop();
  await camera.stop();
});

test("in all this the public password and key never worked", () => expectNeverLetIn(host));
