import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exitCodeOf } from "../../src/commands/rehearse.ts";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import type { RehearsalReport } from "../../src/rehearse/rehearsal-report.ts";
import { openDoor } from "../../src/services/doors/door-file.ts";
import { rehearsalDoor } from "../../src/services/doors/rehearsal-door.ts";
import { viewersDoor } from "../../src/services/doors/viewers-door.ts";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { startChromium } from "../lib/browser/chromium.ts";
import { complaintsOfOurs } from "../lib/browser/owncast-complaints.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { runLectern } from "../lib/process/run-verb.ts";
import { cacheIn } from "../lib/site/front.ts";
import { needsNginx, onEachFront } from "../lib/site/golden-front.ts";
import type { Front } from "../lib/site/golden-site.ts";
import { type GuardedSite, guardSite } from "../lib/site/guarded-site.ts";

// golden-site-keeps-strangers-out proves the same doors on both fronts without a browser.
if (!isExhaustive) noteLeftOut("a private stage's page in a browser");

const folder = mkdtempSync(join(tmpdir(), "lectern-private-page-"));
const password = "a long evening";
const token = "the-token-for-rehearsals-of-this-test";
let owncast: PlainOwncast;
const everyFront: readonly Front[] = ["caddy", "nginx"];
const fronts = isExhaustive ? everyFront : [];
const sites = new Map<Front, GuardedSite>();
let camera: Publisher;
let browser: Browser;

/** The private stage behind a front that knows password and token. */
async function startSite(front: Front): Promise<GuardedSite> {
  const [door, rehearsals] = ["door", "rehearsals"].map((name) => join(folder, `${front}-${name}`)) as [string, string];
  for (const each of [door, rehearsals]) mkdirSync(each);
  await openDoor({ folder: door, front }, viewersDoor(password, front));
  await openDoor({ folder: rehearsals, front }, rehearsalDoor(token, front));
  const places = { "/run/lectern/main-viewers": door, "/run/lectern/main-rehearsal": rehearsals };
  const site = await guardSite(owncast, { front, host: "one-private", site: "one.test", places });
  const cache = join(cacheIn(site.folder), "main");
  mkdirSync(cache, { recursive: true });
  symlinkSync(owncast.hlsDir, join(cache, "hls"));
  return site;
}
const siteBehind = (front: Front): GuardedSite => sites.get(front) ?? expect.fail(`no ${front} runs`);

beforeAll(async () => {
  if (!isExhaustive) return;
  owncast = await startPlainOwncast();
  for (const front of fronts) if (front === "caddy" || !needsNginx.skip) sites.set(front, await startSite(front));
  browser = await startChromium([...sites.values()].map(({ caFile }) => caFile));
  const picture = { width: 320, height: 180, fps: 25, bitrateKbps: 400 };
  camera = startPublisher({ target: owncast.rtmp, streamKey: "abc123", ...picture });
  await camera.started;
});
afterAll(async () => {
  await camera?.stop();
  await browser?.close();
  for (const site of sites.values()) await site.stop();
  await owncast?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Loads the page again. Resolves when it plays and the chat has received a message. */
async function expectWatching(viewer: Viewer, site: GuardedSite): Promise<void> {
  const socket = viewer.page.waitForEvent("websocket", { timeout: 60_000 });
  await viewer.page.goto(site.origin, { waitUntil: "commit" });
  await (await socket).waitForEvent("framereceived", { timeout: 60_000 });
  await viewer.play();
  await viewer.untilFrame(({ clockMs }) => clockMs !== undefined);
}

const isLive = async () => ((await (await fetch(`${owncast.url}/api/status`)).json()) as { online: boolean }).online;

// This Owncast has its default page text, which embeds videos of other sites.
const ofDefaultText = /\(https:\/\/\w+\.owncast\.(online|tv)\//;

onEachFront((front) => {
  test("a viewer who types the password can watch and chat, and the console shows no error", async ({ expect }) => {
    const site = siteBehind(front);
    await expect.poll(isLive, { timeout: 60_000 }).toBe(true);
    const viewer = await openPage(browser, "about:blank");
    const typed = site.origin.replace("://", `://viewer:${encodeURIComponent(password)}@`);
    await viewer.page.goto(typed, { waitUntil: "commit" });
    // The page that is open must not open a chat of its own.
    await viewer.page.goto("about:blank");
    await expectWatching(viewer, site);
    expect(complaintsOfOurs(viewer.complaints).filter((text) => !ofDefaultText.test(text))).toEqual([]);
    const cookies = await viewer.context.cookies();
    await viewer.leave();

    // Like a browser that sends no password with a WebSocket or with segments.
    const context = await browser.newContext();
    await context.addCookies(cookies);
    const page = await context.newPage();
    const socket = page.waitForEvent("websocket", { timeout: 60_000 });
    expect((await page.goto(site.origin, { waitUntil: "commit" }))?.status()).toBe(200);
    await (await socket).waitForEvent("framereceived", { timeout: 60_000 });
    const segment = `fetch("/hls/0/stream.m3u8").then((answer) => answer.text()).then((list) => list.split("\\n").findLast((line) => line.endsWith(".ts")))`;
    expect(
      await page.evaluate<number>(`${segment}.then((name) => fetch("/hls/0/" + name)).then(({ status }) => status)`),
    ).toBe(200);
    await context.close();
  });

  test("a viewer without the password sees nothing", async () => {
    const site = siteBehind(front);
    const context = await browser.newContext();
    const page = await context.newPage();
    const status = await page.goto(`${site.origin}/`).then((answer) => answer?.status(), String);
    expect([401, expect.stringContaining("ERR_INVALID_AUTH_CREDENTIALS")]).toContainEqual(status);
    await context.close();
  });
}, fronts);

test.runIf(isExhaustive).each(everyFront.filter((front) => front === "caddy" || !needsNginx.skip))(
  "on %s, a crowd with the password rehearses it, and one without it is refused",
  async (front) => {
    const site = siteBehind(front);
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), `${text}\n`);
      return join(folder, name);
    };
    const address = `one.test:${new URL(site.origin).port}:127.0.0.1`;
    const place = [
      "--url",
      site.origin,
      "--ca",
      site.caFile,
      "--resolve",
      address,
      "--token-file",
      file("token", token),
    ];
    const crowd = ["--viewers", "4", "--duration", "7", "--ramp", "1", "--chat", "2"];
    const rehearse = (...flags: string[]) => runLectern(["rehearse", ...place, ...crowd, ...flags]);
    const { code, stdout } = await rehearse("--json", "--viewer-password-file", file("password", password));
    const found = JSON.parse(stdout) as RehearsalReport;
    expect(found.measured).toMatchObject({ viewersStarted: 4, errors: 0, chatUsersJoined: 2 });
    expect(code).toBe(exitCodeOf(found));
    for (const flags of [[], ["--viewer-password-file", file("another", "a short evening")]]) {
      const refused = await rehearse(...flags);
      expect(refused).toMatchObject({ code: 77, stdout: "" });
      expect(refused.stderr).toContain(
        `${site.origin} is private\n  → give the right password by --viewer-password-file`,
      );
    }
  },
);
