import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verb } from "../../src/commands/edge-door.ts";
import { edgeHealthPath } from "../../src/lib/edges-file.ts";
import { probe } from "../../src/probe/probe.ts";
import { probeEdge } from "../../src/probe/probe-edge.ts";
import { checklistLines } from "../../src/probe/probe-text.ts";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import { viewersAuthorization } from "../../src/viewer/viewer-credentials.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { send } from "../lib/owncast/clicked-together.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { runVerb } from "../lib/process/run-verb.ts";
import { type CountingLine, countingLine } from "../lib/site/counting-line.ts";
import { cacheIn, type GoldenFront } from "../lib/site/front.ts";
import { edgeSites, type GoldenEdge, startGoldenEdge } from "../lib/site/golden-edge.ts";
import { doorFor, needsNginx, onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import type { Front } from "../lib/site/golden-site.ts";
import { visitorOf } from "../lib/site/visitor.ts";
import { follow } from "../lib/stream/follower.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";
import { untilFree } from "../lib/stream/owncast-state.ts";

// A real Owncast with a camera, the keeper, the golden host `origin` on each front, and the golden host `edge` before it.

const secret = "the-secret-of-this-tests-edges-1234567890";

describe.runIf(isExhaustive)("an edge of a live stage", needsNginx, () => {
  const shared = mkdtempSync(join(tmpdir(), "lectern-carried-"));
  const socket = join(shared, "keeper.sock");
  const secretFile = join(shared, "secret");
  let owncast: PlainOwncast;
  let camera: Publisher;
  let keeper: KeeperProcess;

  const startCamera = () =>
    startPublisher({
      ...{ target: owncast.rtmp, streamKey: "abc123" },
      ...{ width: 320, height: 180, fps: 25, bitrateKbps: 400 },
    });

  beforeAll(async () => {
    writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
    owncast = await startPlainOwncast();
    const small = {
      name: "S",
      scaledWidth: 320,
      scaledHeight: 180,
      framerate: 15,
      videoBitrate: 400,
      cpuUsageLevel: 0,
    };
    const settings = { streamlatencylevel: 0, streamoutputvariants: [{ ...small, audioPassthrough: true }] };
    for (const [name, value] of Object.entries(settings)) await send(owncast.admin, `config/video/${name}`, { value });
    // A master playlist that Owncast writes for its offline clip just after the camera has come would stay.
    const hasClip = async () => (await fetch(`${owncast.url}/hls/stream.m3u8`)).ok;
    for (let tries = 0; tries < 100 && !(await hasClip()); tries++) await sleep(100);
    camera = startCamera();
    keeper = await startKeeper(socket, owncast.url, owncast.hlsDir);
    await camera.started;
    const isOnline = async () =>
      ((await (await fetch(`${owncast.url}/api/status`)).json()) as { online: boolean }).online;
    while (!(await isOnline())) await sleep(100);
  });
  afterAll(async () => {
    await camera?.stop();
    await keeper?.stop();
    await owncast?.stop();
    rmSync(shared, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The origin: a golden host before this Owncast and its keeper. */
  function startOrigin(front: Front, folder: string, host: string, more: Readonly<Record<string, string>> = {}) {
    const cache = join(cacheIn(folder), "main");
    mkdirSync(cache, { recursive: true });
    symlinkSync(owncast.hlsDir, join(cache, "hls"));
    symlinkSync(`${owncast.hlsDir}-kept`, join(cache, "hls-kept"));
    const places = { "127.0.0.1:8080": new URL(owncast.url).host, "/run/lectern/main-keeper.sock": socket, ...more };
    return startGoldenFront(front, host, { folder, sites: ["one.test"], places });
  }

  onEachFront((front) => {
    const folder = mkdtempSync(join(tmpdir(), "lectern-edge-"));
    const originDoor = join(folder, "door");
    let origin: GoldenFront;
    let edge: GoldenEdge;
    // Both fronts have the same Owncast at the same time: each has viewers and an edge of its own.
    const net = `127.0.${front === "caddy" ? 1 : 2}`;
    const [own, banned, another] = [`${net}.7`, `${net}.8`, `${net}.9`];
    /** Between the edge and its origin; it counts what the origin sends. */
    let line: CountingLine;

    const start = (host: string, place: string, places: Readonly<Record<string, string>> = {}) =>
      startOrigin(front, join(folder, place), host, places);
    const tell = (to: string, flags: readonly string[], command: readonly string[]) =>
      runVerb(verb, ["--secret-file", secretFile, "--to", to, ...flags, "--", ...command]);

    beforeAll(async () => {
      mkdirSync(originDoor);
      origin = await start("origin", "origin", { "/run/lectern/edge-door": originDoor });
      line = await countingLine(origin.ports.https, own);
      edge = await startGoldenEdge(join(folder, "edge"), { port: line.port, caFile: origin.caFile });
      mkdirSync(edge.secretDir, { recursive: true });
    });
    afterAll(async () => {
      await edge?.stop();
      line?.stop();
      await origin?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    /** A request to the origin by anybody who knows its address. */
    const direct = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      origin.get("one.test", path, headers);
    const viewers = async () =>
      ((await (await owncast.admin("viewers")).json()) as { ipAddress: string; userAgent: string }[]).map(
        ({ ipAddress, userAgent }) => `${userAgent} ${ipAddress}`,
      );
    const counted = (agent: string) => async () =>
      (await viewers()).filter((viewer) => viewer.startsWith(`${agent} `)).sort();
    const atEdge = (address: string) =>
      visitorOf({ name: edgeSites.full, port: edge.port, caFile: edge.caFile }, address);
    const atOrigin = (address: string) =>
      visitorOf({ name: "one.test", port: origin.ports.https, caFile: origin.caFile }, address);

    /**
     * A moderator bans a viewer who has come to the chat by the edge. Resolves to the address that Owncast banned, and to
     * the status of those who want to enter then. Undoes the ban.
     */
    async function whoIsBanned(): Promise<{ address: string; let: Record<string, number | undefined> }> {
      const guest = await atEdge(banned).enterChat();
      expect(guest.status).toBe(101);
      await send(owncast.admin, "chat/users/setenabled", { userId: guest.id, enabled: false });
      guest.leave();
      const bans = (await (await owncast.admin("chat/users/ipbans")).json()) as { ipAddress: string }[];
      const ours = bans.map(({ ipAddress }) => ipAddress).filter((one) => [banned, another, own].includes(one));
      const [address = ""] = ours;
      expect(ours).toEqual([address]);
      const doors = {
        "edge, banned": atEdge(banned),
        "edge, another": atEdge(another),
        "origin, banned": atOrigin(banned),
        "origin, another": atOrigin(another),
      };
      const statuses: Record<string, number | undefined> = {};
      for (const [who, visitor] of Object.entries(doors)) {
        const { status, leave } = await visitor.enterChat();
        statuses[who] = status;
        leave();
      }
      await send(owncast.admin, "chat/users/ipbans/remove", { value: address });
      return { address, let: statuses };
    }

    const newestSegment = async (): Promise<string> => {
      const list = `${(await edge.get("/hls/0/stream.m3u8")).body}`;
      return `/hls/0/${list.match(/stream-\S+\.ts/g)?.at(-1)}`;
    };

    it("an address that a stranger or an unproven edge names counts for nothing", async () => {
      const forged = { "x-forwarded-for": "192.0.2.66", "user-agent": `forger-${front}` };
      for (const shown of [{}, { "lectern-edge": "unproven" }, { "lectern-edge": secret }, { "lectern-edge": "" }])
        await direct("/api/ping", { ...forged, ...shown });
      // Nobody has told the origin the secret yet.
      expect(await counted(`forger-${front}`)()).toEqual([`forger-${front} 127.0.0.1`]);
    });

    it("without the secret all viewers of an edge are one for Owncast, and a ban of one keeps all of them from the chat", async () => {
      expect(await whoIsBanned()).toEqual({
        address: own,
        let: { "edge, banned": 403, "edge, another": 403, "origin, banned": 101, "origin, another": 101 },
      });
    });

    it("ten viewers of an edge are ten for Owncast, and what they forge counts for nothing", async ({ expect }) => {
      expect(await tell(originDoor, doorFor[front].flags, origin.reload)).toMatchObject({ code: 0 });
      expect(await tell(edge.secretDir, ["--for", "edge"], edge.reload())).toMatchObject({ code: 0 });
      const agent = `viewer-${front}`;
      const expected = Array.from({ length: 10 }, (_, at) => `127.0.0.${at + 2}`);
      const forged = { "x-forwarded-for": "192.0.2.99", "lectern-edge": secret };
      for (const address of expected)
        expect(await atEdge(address).ask("/api/ping", { "user-agent": agent, ...forged })).toBe(200);
      await expect.poll(counted(agent)).toEqual(expected.map((address) => `${agent} ${address}`).sort());
      // As the same edge would say it, but without its secret, or with a wrong one, or several addresses.
      for (const shown of ["unproven", `${secret}x`, secret.toUpperCase(), "", `x ${secret}`])
        await direct("/api/ping", {
          "user-agent": `forger2-${front}`,
          "x-forwarded-for": "192.0.2.7",
          "lectern-edge": shown,
        });
      await direct("/api/ping", {
        ...{ "user-agent": `forger2-${front}`, "lectern-edge": secret },
        "x-forwarded-for": "192.0.2.7, 192.0.2.8",
      });
      expect(await counted(`forger2-${front}`)()).toEqual([`forger2-${front} 127.0.0.1`]);
    });

    it("of five players without a page that ask at once, Owncast sees the one for whom the edge asked", async ({
      expect,
    }) => {
      const agent = `native-${front}`;
      // The last playlist is old then.
      await sleep(2100);
      const players = Array.from({ length: 5 }, (_, at) => atEdge(`127.0.0.${41 + at}`));
      const asked = players.map((player) => player.ask("/hls/0/stream.m3u8", { "user-agent": agent }));
      expect(await Promise.all(asked)).toEqual([200, 200, 200, 200, 200]);
      await expect.poll(async () => (await counted(agent)()).length).toBe(1);
    });

    it("with the secret a ban of a viewer of the edge keeps him from the chat there and at the origin, and nobody else", async () => {
      expect(await whoIsBanned()).toEqual({
        address: banned,
        let: { "edge, banned": 403, "edge, another": 101, "origin, banned": 403, "origin, another": 101 },
      });
    });

    it("lectern probe finds no fault of page, chat, video and admin page by the edge", async () => {
      const resolve = [{ host: edgeSites.full, port: edge.port, address: "127.0.0.1" }];
      const url = `https://${edgeSites.full}:${edge.port}`;
      const report = await probe({ url, caFile: edge.caFile, resolve, chat: true, deadlineSeconds: 60 });
      // A fresh Owncast's page text loads resources from other sites.
      const failed = report.faults.filter(({ check }) => check !== "origins");
      expect([checklistLines(report), failed]).toEqual([expect.any(Array), []]);
      const passed = report.checks.filter(({ outcome }) => outcome === "passed").map(({ check }) => check);
      expect(passed).toEqual(expect.arrayContaining(["admin", "chat", "page", "cors", "recent"]));
    });

    it("lectern probe --edge finds no fault of it, and the steering service finds it alive", async () => {
      const resolve = [{ host: edgeSites.full, port: edge.port, address: "127.0.0.1" }];
      const url = `https://${edgeSites.full}:${edge.port}`;
      const { checks } = await probeEdge({ edge: url, caFile: edge.caFile, resolve });
      expect(checks.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
      expect(checks.length).toBeGreaterThan(8);
      const alive = await edge.get(edgeHealthPath);
      expect([alive.status, `${alive.body}`]).toEqual([200, expect.stringMatching(/^edge: \d+ connections\n$/)]);
    });

    it("a crowd that comes at once costs the origin hardly more than one viewer", async () => {
      // The newest one the edge may have kept since the last test.
      const kept = await newestSegment();
      let path = kept;
      for (; path === kept; path = await newestSegment()) await sleep(100);
      const size = (await direct(path)).body.length;
      const before = line.bytes();
      const crowd = Array.from({ length: 200 }, async () => (await edge.get(path)).body.length);
      expect(new Set(await Promise.all(crowd))).toEqual(new Set([size]));
      expect(line.bytes() - before).toBeLessThan(1.2 * size + 20_000);
      expect(line.bytes() - before).toBeGreaterThan(size);
    });

    it("a private stage stays closed behind an edge, to its viewers too, and nothing of it is kept", async () => {
      // The worst case: the stage lets the edge's own address watch without a password.
      const closed = await start("one-private", "private", { "192.0.2.0/24": "127.0.0.0/8" });
      const its = await startGoldenEdge(join(folder, "edge-of-private"), {
        ...{ port: closed.ports.https, caFile: closed.caFile },
      });
      try {
        const { body } = await closed.get("one.test", "/hls/0/stream.m3u8");
        const [name = ""] = `${body}`.match(/stream-\S+\.ts/g) ?? [];
        expect(name).not.toBe("");
        const paths = [
          "/hls/stream.m3u8",
          "/hls/0/stream.m3u8",
          `/hls/0/${name}`,
          "/api/status",
          "/",
          "/thumbnail.jpg",
        ];
        const authorization = viewersAuthorization("gläsern & 12:34");
        // The attacker first, then a viewer, then the attacker again.
        for (const headers of [{}, { authorization }, {}])
          for (const path of paths) {
            const answer = await its.get(path, headers);
            expect([path, answer.status]).toEqual([path, 403]);
            expect(`${answer.body}`).toContain("edges do not serve it");
          }
        const kept = readdirSync(its.cacheDir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
        expect(kept).toEqual([]);
      } finally {
        await its.stop();
        await closed.stop();
      }
    });
  });

  it("a camera that is lost and comes back is no fault for viewers of the edge", async () => {
    const folder = join(shared, "drop");
    const origin = await startOrigin("nginx", join(folder, "origin"), "origin");
    const edge = await startGoldenEdge(join(folder, "edge"), { port: origin.ports.https, caFile: origin.caFile });
    const resolve = [{ host: edgeSites.full, port: edge.port, address: "127.0.0.1" }];
    const player = follow({ page: `https://${edgeSites.full}:${edge.port}`, caFile: edge.caFile, resolve }, 1);
    try {
      await player.until(0, (list) => list.includes(".ts"));
      await camera.stop();
      await untilFree(owncast.url);
      camera = startCamera();
      await camera.started;
      await player.until(0, () => player.sessions.size === 2);
      expect([...player.faults]).toEqual([]);
    } finally {
      await player.stop();
      await edge.stop();
      await origin.stop();
    }
  });
});
