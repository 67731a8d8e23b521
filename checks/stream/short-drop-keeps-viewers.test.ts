import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { get } from "../../src/viewer/http-client.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { AnswerRules } from "../lib/keeper/playlist-rules.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { startGoldenNginx } from "../lib/site/golden-nginx.ts";
import type { Front } from "../lib/site/golden-site.ts";
import { type Followed, type Follower, follow } from "../lib/stream/follower.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";
import { type Camera, cameraFor } from "../lib/stream/losable-camera.ts";
import { playWithoutPage } from "../lib/stream/pageless-player.ts";

/** The one stage behind a web server, with that server's own players. */
interface Fronted {
  readonly front: Front;
  readonly at: Followed;
  readonly players: Follower;
  stop(): Promise<void>;
}

let stand: Stand;
let keeper: KeeperProcess;
let camera: Camera;
let fronts: readonly Fronted[] = [];

const sessions = (answer: string): string[] => [
  ...new Set([...answer.matchAll(/stream-(.+)-\d+\.ts/g)].map(([, session = ""]) => session)),
];
const newest = (answer: string): string => answer.trimEnd().split("\n").at(-1) ?? "";
const nothing = async () => {};
// An answer that waited for nothing takes some milliseconds.
const noticeableMs = 300;
const isLive = (answer: string): boolean => answer !== "" && !/ENDLIST|offline/.test(answer);

/** A player's present playlist, and the server that sent it. */
async function answeredBy({ front, at: { page, ...client } }: Fronted) {
  const since = performance.now();
  const { headers, body } = await get(`${page}/hls/0/stream.m3u8`, { ...client, timeoutSeconds: 30 });
  const control = headers["cache-control"] ?? "";
  const from = { "public, max-age=1": "keeper", "no-cache, no-store, must-revalidate": "Owncast" } as const;
  const tookMs = performance.now() - since;
  return { front, from: from[control as keyof typeof from], newest: newest(body.toString()), tookMs };
}

/** The present answers of all fronts. */
const answered = () => Promise.all(fronts.map(answeredBy));
const answerers = async () => [...new Set((await answered()).map(({ from }) => from))];

/** What players of each front complained about. */
const faults = () => Object.fromEntries(fronts.map(({ front, players }) => [front, [...players.faults]]));
const clearFaults = () => {
  for (const { players } of fronts) players.faults.clear();
};
const none = () => Object.fromEntries(fronts.map(({ front }) => [front, []]));

/** Resolves when the players of all fronts have such a playlist of a variant; to the first front's. */
async function untilAll(variant: number, fits: (answer: string) => boolean): Promise<string> {
  const [answer = ""] = await Promise.all(fronts.map(({ players }) => players.until(variant, fits)));
  return answer;
}
const last = (variant: number): string => fronts[0]?.players.last(variant) ?? "";

/** Stops the keeper until Owncast's own playlist has one more segment. */
async function stayAway(): Promise<void> {
  expect(await answerers()).toEqual(["keeper"]);
  const before = newest(last(0));
  await keeper.kill();
  try {
    expect(await answerers()).toEqual(["Owncast"]);
    const isNew = async () => (await answered()).every((answer) => answer.newest !== before);
    await expect.poll(isNew, { timeout: 60_000 }).toBe(true);
  } finally {
    await keeper.start();
  }
  await expect.poll(answerers, { timeout: 60_000, interval: 500 }).toEqual(["keeper"]);
}

/**
 * Disconnects the publisher, runs `meanwhile`, reconnects it, runs `then`. Resolves when players have the first segment of the
 * new session.
 */
async function lose(meanwhile: () => Promise<unknown> = nothing, then = nothing): Promise<string> {
  const before = sessions(last(0)).at(-1) ?? "";
  await camera.lose();
  await meanwhile();
  await camera.connect();
  await then();
  return untilAll(0, (answer) => sessions(answer).at(-1) !== before && isLive(answer));
}

beforeAll(async () => {
  stand = await startStand("checks/lib/stages/two-renditions.yaml", {
    async keeper({ owncastUrl, hlsDir }) {
      const port = await freePort();
      keeper = await startKeeper(port, owncastUrl, hlsDir);
      return `127.0.0.1:${port}`;
    },
  });
  camera = cameraFor(stand);
  await camera.connect();
  const onCaddy = { page: stand.page, caFile: stand.caFile };
  fronts = [{ front: "caddy", at: onCaddy, players: follow(onCaddy, 2), stop: async () => {} }];
  if (!needsNginx.skip) fronts = [...fronts, await startNginx()];
  await untilAll(1, (answer) => isLive(answer) && (answer.match(/\.ts$/gm) ?? []).length >= 3);
  await untilAll(0, isLive);
  // Before the first segment the stage was offline.
  clearFaults();
});
afterAll(async () => {
  for (const { players, stop } of fronts) {
    await players.stop();
    await stop();
  }
  await camera?.lose();
  await keeper?.stop();
  await stand?.stop();
});

/** Puts NixOS's nginx beside the stand's Caddy, before the same Owncast and keeper. */
async function startNginx(): Promise<Fronted> {
  const folder = join(stand.folder, "nginx");
  mkdirSync(folder);
  const { host: owncast } = new URL(stand.owncastUrl);
  const places = {
    ...{ "127.0.0.1:8080": owncast, "unix:/run/lectern/main-keeper.sock": new URL(keeper.url).host },
    "/var/cache/lectern/main": stand.folder,
  };
  const { caFile, ports, stop } = await startGoldenNginx("one", { folder, sites: ["one.test"], places });
  const resolve = [{ host: "one.test", port: ports.https, address: "127.0.0.1" }];
  const at = { page: `https://one.test:${ports.https}`, caFile, resolve };
  return { front: "nginx", at, players: follow(at, 2), stop };
}

test("players of nginx are among them", needsNginx, () =>
  expect(fronts.map(({ front }) => front)).toEqual(["caddy", "nginx"]),
);

// Owncast's last playlist may be newer than the keeper's first one. Then a full list goes back by one segment.
test("before the first drop, the web server skips an absent keeper and asks it again later; players find no break", {
  retry: 2,
}, async () => {
  clearFaults();
  await stayAway();
  // Owncast itself sometimes serves an incomplete playlist.
  const broken = fronts
    .flatMap(({ players }) => [...players.faults])
    .filter((fault) => fault.startsWith("rule broken"));
  expect(broken).toEqual([]);
  clearFaults();
});

describe("players, if the publisher is lost for a moment,", () => {
  test("go on with the same numbers, over one discontinuity, and no playlist says that the stream has ended", async () => {
    const after = await lose(() => sleep(2000));
    expect(after.match(/#EXT-X-DISCONTINUITY$/gm)).toHaveLength(1);
    expect(sessions(after)).toHaveLength(2);
    expect(faults()).toEqual(none());
  });

  test("wait for a new keeper if the keeper is killed meanwhile", async () => {
    const before = sessions(last(0)).at(-1);
    const after = await lose(async () => {
      await keeper.kill();
      await keeper.start();
    });
    expect(sessions(after)).toContain(before);
    expect(faults()).toEqual(none());
  });

  test.runIf(isExhaustive)("get the first segment after the drop if they ask just before it appears", async () => {
    clearFaults();
    const waited = new Set<Front>();
    // On a busy machine the first segment may take longer than a request waits for it.
    for (let tries = 0; tries < 4 && waited.size < fronts.length; tries++) {
      const before = sessions(last(0)).at(-1) as string;
      await lose(nothing, async () => {
        // By now more than half of the first segment of 2 s is filmed.
        await sleep(1500);
        // Over a new connection to the keeper a request does not wait, but the next one over that connection does.
        for (const { front, newest, tookMs } of (await Promise.all(Array.from({ length: 6 }, answered))).flat())
          if (tookMs > noticeableMs && !newest.includes(before)) waited.add(front);
      });
    }
    expect([...waited].sort()).toEqual(fronts.map(({ front }) => front));
    expect(faults()).toEqual(none());
  });

  test.runIf(isExhaustive)("notice nothing when the keeper is killed while they wait for it", async () => {
    const waited = new Set<Front>();
    for (let tries = 0; tries < 4 && waited.size < fronts.length; tries++) {
      clearFaults();
      await lose(nothing, async () => {
        await sleep(1500);
        const pending = new Set<Promise<unknown>>();
        // More requests than the web servers have connections to the keeper.
        const crowd = fronts.flatMap((front) =>
          Array.from({ length: 20 }, async () => {
            const answer = answeredBy(front);
            pending.add(answer);
            return answer.finally(() => pending.delete(answer));
          }),
        );
        // Wait until all have arrived: over a new connection neither Caddy nor nginx retries.
        await Promise.race([...crowd, sleep(900)]);
        await sleep(150);
        const stillWaiting = [...pending];
        const since = performance.now();
        await keeper.kill();
        await keeper.start();
        // A busy machine may take longer to start it than nginx waits.
        if (performance.now() - since > 2000) return;
        const waiting = (await Promise.all(stillWaiting)) as Awaited<ReturnType<typeof answeredBy>>[];
        for (const { front } of waiting) waited.add(front);
        expect(new Set((await Promise.all(crowd)).map(({ from }) => from))).toEqual(new Set(["keeper"]));
      });
    }
    expect([...waited].sort()).toEqual(fronts.map(({ front }) => front));
    expect(faults()).toEqual(none());
  });

  test.runIf(isExhaustive)("go on when it is Owncast that was killed", async () => {
    const before = sessions(last(0)).at(-1);
    const after = await lose(async () => {
      await stand.part("Owncast").stop();
      stand.startOwncast();
    });
    expect(sessions(after)).toContain(before);
    expect(faults()).toEqual(none());
  });

  test.runIf(isExhaustive)("without a page, as VLC is, play on", async () => {
    const { frames, isThere, stop } = playWithoutPage(stand.page);
    await expect.poll(frames, { timeout: 60_000 }).toBeGreaterThan(15);
    await lose(() => sleep(500));
    const atReturn = frames();
    // Longer than the window: after that it plays the new session.
    await expect.poll(frames, { timeout: 120_000 }).toBeGreaterThan(atReturn + 15 * 20);
    expect(isThere()).toBe(true);
    await stop();
  });
});

describe("a keeper", () => {
  test("that is killed goes unnoticed: players wait for the new one", async () => {
    const before = newest(last(1));
    await keeper.kill();
    await keeper.start();
    await untilAll(1, (answer) => newest(answer) !== before);
    expect(faults()).toEqual(none());
  });

  test.runIf(isExhaustive)(
    "that is absent is skipped after a drop too, and then goes on with its own numbers",
    async () => {
      const rules = new AnswerRules();
      const own = async () => (await fetch(`${keeper.url}/hls/0/stream.m3u8`)).text();
      rules.check(await own());
      await stayAway();
      rules.check(await own());
      // Owncast numbers its segments differently now: responses of the meantime need not follow the rules.
      clearFaults();
    },
  );
});

/** Asks for a playlist as VLC, from one of this machine's own addresses. */
async function watchFrom(localAddress: string, { at: { page, caFile = "" } }: Fronted): Promise<void> {
  const { hostname, port } = new URL(page);
  const headers = { host: `${hostname}:${port}`, "user-agent": "VLC/3.0.18" };
  const server = { host: "127.0.0.1", port, servername: hostname, ca: readFileSync(caFile) };
  const [response] = (await once(
    request({ ...server, localAddress, path: "/hls/0/stream.m3u8", headers, agent: false }).end(),
    "response",
  )) as [IncomingMessage];
  response.resume();
  await once(response, "end");
}

test("Owncast counts each player without a page once", async () => {
  const authorization = `Basic ${Buffer.from(`admin:${stand.reveal("admin-password")}`).toString("base64")}`;
  const ask = async (path: string) =>
    (await fetch(`${stand.owncastUrl}/api/${path}`, { headers: { authorization } })).json();
  // Each front has two players, and the second one asks twice.
  const players = fronts.flatMap((front, index) =>
    [`127.0.1.${index}`, `127.0.2.${index}`, `127.0.2.${index}`].map((address) => ({ front, address })),
  );
  const counted = async () => {
    await Promise.all(players.map(({ front, address }) => watchFrom(address, front)));
    const viewers = (await ask("admin/viewers")) as { ipAddress: string }[];
    const { viewerCount } = (await ask("status")) as { viewerCount: number };
    // Players of earlier tests may be among them.
    const addresses = viewers.map(({ ipAddress }) => ipAddress).filter((address) => /^127\.0\.[12]\./.test(address));
    return { addresses: addresses.sort(), isWhole: viewerCount === viewers.length };
  };
  const all = { addresses: [...new Set(players.map(({ address }) => address))].sort(), isWhole: true };
  await expect.poll(counted, { timeout: 60_000, interval: 500 }).toEqual(all);
});
