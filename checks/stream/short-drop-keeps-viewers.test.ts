import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { get, makeHttpClient } from "../../src/viewer/http-client.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { AnswerRules } from "../lib/keeper/playlist-rules.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { type Follower, follow } from "../lib/stream/follower.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";
import { type Camera, cameraFor } from "../lib/stream/losable-camera.ts";
import { playWithoutPage } from "../lib/stream/pageless-player.ts";

let stand: Stand;
let keeper: KeeperProcess;
let camera: Camera;
let players: Follower;

const sessions = (answer: string): string[] => [
  ...new Set([...answer.matchAll(/stream-(.+)-\d+\.ts/g)].map(([, session = ""]) => session)),
];
const newest = (answer: string): string => answer.trimEnd().split("\n").at(-1) ?? "";
const nothing = async () => {};
const isLive = (answer: string): boolean => answer !== "" && !/ENDLIST|offline/.test(answer);

/** A player's present playlist, and the server that sent it. */
async function answered(): Promise<{ from: "keeper" | "Owncast" | undefined; newest: string }> {
  const { headers, body } = await get(`${stand.page}/hls/0/stream.m3u8`, { caFile: stand.caFile, timeoutSeconds: 30 });
  const control = headers["cache-control"] ?? "";
  const from = { "public, max-age=1": "keeper", "no-cache, no-store, must-revalidate": "Owncast" } as const;
  return { from: from[control as keyof typeof from], newest: newest(body.toString()) };
}

/** Stops the keeper until Owncast's own playlist has one more segment. */
async function stayAway(): Promise<void> {
  const before = await answered();
  expect(before.from).toBe("keeper");
  await keeper.kill();
  try {
    expect((await answered()).from).toBe("Owncast");
    await expect.poll(async () => (await answered()).newest, { timeout: 60_000 }).not.toBe(before.newest);
  } finally {
    await keeper.start();
  }
  await expect.poll(async () => (await answered()).from, { timeout: 60_000, interval: 500 }).toBe("keeper");
}

/**
 * Disconnects the publisher, runs `meanwhile`, reconnects it, runs `then`. Resolves when players have the first segment of the
 * new session.
 */
async function lose(meanwhile: () => Promise<unknown> = nothing, then = nothing): Promise<string> {
  const before = sessions(players.last(0)).at(-1) ?? "";
  await camera.lose();
  await meanwhile();
  await camera.connect();
  await then();
  return players.until(0, (answer) => sessions(answer).at(-1) !== before && isLive(answer));
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
  players = follow(stand, 2);
  await players.until(1, (answer) => isLive(answer) && (answer.match(/\.ts$/gm) ?? []).length >= 3);
  await players.until(0, isLive);
  // Before the first segment the stage was offline.
  players.faults.clear();
});
afterAll(async () => {
  await players?.stop();
  await camera?.lose();
  await keeper?.stop();
  await stand?.stop();
});

// Owncast's last playlist may be newer than the keeper's first one. Then a full list goes back by one segment.
test("before the first drop, Caddy skips an absent keeper and asks it again later; players find no break", {
  retry: 2,
}, async () => {
  players.faults.clear();
  await stayAway();
  // Owncast itself sometimes serves an incomplete playlist.
  expect([...players.faults].filter((fault) => fault.startsWith("rule broken"))).toEqual([]);
  players.faults.clear();
});

describe("players, if the publisher is lost for a moment,", () => {
  test("go on with the same numbers, over one discontinuity, and no playlist says that the stream has ended", async () => {
    const after = await lose(() => sleep(2000));
    expect(after.match(/#EXT-X-DISCONTINUITY$/gm)).toHaveLength(1);
    expect(sessions(after)).toHaveLength(2);
    expect([...players.faults]).toEqual([]);
  });

  test("wait for a new keeper if the keeper is killed meanwhile", async () => {
    const before = sessions(players.last(0)).at(-1);
    const after = await lose(async () => {
      await keeper.kill();
      await keeper.start();
    });
    expect(sessions(after)).toContain(before);
    expect([...players.faults]).toEqual([]);
  });

  // On a busy machine the first segment may take longer than a request waits for it.
  test.runIf(isExhaustive)(
    "get the first segment after the drop if they ask just before it appears",
    { retry: 2 },
    async () => {
      players.faults.clear();
      const before = sessions(players.last(0)).at(-1) as string;
      const player = await makeHttpClient();
      const own = async () => `${(await player.fetch(`${keeper.url}/hls/0/stream.m3u8`)).body}`;
      expect(await own()).toContain(before);
      await lose(nothing, async () => {
        // By now more than half of the first segment of 2 s is filmed.
        await sleep(1500);
        expect(newest(await own())).not.toContain(before);
      });
      player.close();
      expect([...players.faults]).toEqual([]);
    },
  );

  test.runIf(isExhaustive)(
    "notice nothing when the keeper is killed while they wait for it",
    { retry: 2 },
    async () => {
      players.faults.clear();
      await lose(nothing, async () => {
        await sleep(1500);
        // More requests than Caddy has connections to the keeper.
        const crowd = Array.from({ length: 20 }, answered);
        // Wait until all have arrived: over a new connection Caddy does not retry.
        await Promise.race([...crowd, sleep(900)]);
        await sleep(150);
        await keeper.kill();
        await keeper.start();
        expect(new Set((await Promise.all(crowd)).map(({ from }) => from))).toEqual(new Set(["keeper"]));
      });
      expect([...players.faults]).toEqual([]);
    },
  );

  test.runIf(isExhaustive)("go on when it is Owncast that was killed", async () => {
    const before = sessions(players.last(0)).at(-1);
    const after = await lose(async () => {
      await stand.part("Owncast").stop();
      stand.startOwncast();
    });
    expect(sessions(after)).toContain(before);
    expect([...players.faults]).toEqual([]);
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
    const before = newest(players.last(1));
    await keeper.kill();
    await keeper.start();
    await players.until(1, (answer) => newest(answer) !== before);
    expect([...players.faults]).toEqual([]);
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
      players.faults.clear();
    },
  );
});

test("Owncast counts each player without a page once", async () => {
  const authorization = `Basic ${Buffer.from(`admin:${stand.reveal("admin-password")}`).toString("base64")}`;
  const ask = async (path: string) =>
    (await fetch(`${stand.owncastUrl}/api/${path}`, { headers: { authorization } })).json();
  const watch = (address: string) =>
    fetch(`${keeper.url}/hls/0/stream.m3u8`, { headers: { "x-forwarded-for": address, "user-agent": "VLC/3.0.18" } });
  const counted = async () => {
    await Promise.all([watch("192.0.2.10"), watch("192.0.2.11"), watch("192.0.2.11")]);
    const viewers = (await ask("admin/viewers")) as { ipAddress: string }[];
    const { viewerCount } = (await ask("status")) as { viewerCount: number };
    // Players of earlier tests may be among them.
    const addresses = viewers.map(({ ipAddress }) => ipAddress).filter((address) => address.startsWith("192.0.2."));
    return { addresses: addresses.sort(), isWhole: viewerCount === viewers.length };
  };
  const both = { addresses: ["192.0.2.10", "192.0.2.11"], isWhole: true };
  await expect.poll(counted, { timeout: 60_000, interval: 500 }).toEqual(both);
});
