import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * An Owncast that writes its playlists in place, as the real one does, but so slowly that each eighth look finds one empty or cut; the
 * real one takes about a millisecond.
 */
export interface TearingOwncast {
  /** Its address, as host:port. */
  readonly upstream: string;
  stop(): Promise<void>;
}

/** The numbers of its variants. */
export const tornVariants = [0, 1, 2, 3];

const newest = (at: number) => 20 + Math.floor(at / 1000);
function listAt(at: number): string {
  const first = newest(at) - 5;
  const entries = Array.from({ length: 6 }, (_, number) => {
    const time = new Date(Date.UTC(2026, 0, 1) + (first + number) * 1000).toISOString().replace("Z", "+0000");
    return `#EXT-X-PROGRAM-DATE-TIME:${time}\n#EXTINF:1.000000,\nstream-abc-${first + number}.ts\n`;
  });
  const head = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:1\n";
  return `${head}#EXT-X-MEDIA-SEQUENCE:${first}\n#EXT-X-INDEPENDENT-SEGMENTS\n${entries.join("")}`;
}

/** Whether a response is one of its playlists, whole. */
export const isWholeList = (text: string): boolean =>
  text.startsWith("#EXTM3U\n") && /\nstream-abc-\d+\.ts\n$/.test(text);

/** Starts it with its segments and playlists in the folder `hls`. */
export async function startTearingOwncast(hls: string): Promise<TearingOwncast> {
  const listOf = (variant: number) => join(hls, `${variant}/stream.m3u8`);
  const writeSegment = (variant: number, number: number) =>
    writeFileSync(join(hls, `${variant}/stream-abc-${number}.ts`), "video ".repeat(94));
  for (const variant of tornVariants) {
    mkdirSync(join(hls, `${variant}`), { recursive: true });
    for (let number = 10; number <= 20; number++) writeSegment(variant, number);
    writeFileSync(listOf(variant), listAt(0));
  }
  const master = tornVariants.map(
    (variant) => `#EXT-X-STREAM-INF:BANDWIDTH=${variant + 1}00000\n${variant}/stream.m3u8\n`,
  );
  writeFileSync(join(hls, "stream.m3u8"), `#EXTM3U\n#EXT-X-VERSION:6\n${master.join("")}`);
  const server = createServer(({ url }, response) => {
    const [, variant] = /^\/hls\/(\d)\/stream\.m3u8/.exec(url ?? "") ?? [];
    response.end(variant ? readFileSync(listOf(Number(variant))) : JSON.stringify({ online: true }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  let isOver = false;
  /** Writes the lists again and again: empty, cut, whole. */
  const write = async () => {
    const since = Date.now();
    for (let step = 0; !isOver; step++) {
      const text = listAt(Date.now() - since);
      for (const variant of tornVariants) {
        writeSegment(variant, newest(Date.now() - since));
        const parts = ["", text.slice(0, text.length / 2), text.slice(0, -3)];
        writeFileSync(listOf(variant), parts[step % 24] ?? text);
      }
      await sleep(10);
    }
  };
  const writing = write();
  return {
    upstream: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      isOver = true;
      await writing;
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What viewers got. */
export interface TornTally {
  readonly whole: number;
  readonly torn: number;
  readonly none: number;
}

/** Asks for its playlists that often, 50 at a time with a pause, each with another query, as Owncast's page does. */
export async function countTorn(
  count: number,
  get: (path: string, number: number) => Promise<{ readonly status: number; readonly body: Buffer }>,
  pauseMs = 100,
): Promise<TornTally> {
  const seen = { whole: 0, torn: 0, none: 0 };
  const one = async (number: number) => {
    const variant = tornVariants[number % tornVariants.length];
    const { status, body } = await get(`/hls/${variant}/stream.m3u8?cachebust=${number}`, number);
    seen[status !== 200 ? "none" : isWholeList(`${body}`) ? "whole" : "torn"]++;
  };
  for (let done = 0; done < count; done += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, number) => one(done + number)));
    await sleep(pauseMs);
  }
  return seen;
}

/** Resolves when the origin's front has the playlists from the keeper, and an edge has dropped what it got before. */
export async function untilKept(
  get: (path: string) => Promise<{ readonly headers: { readonly "cache-control"?: string | undefined } }>,
): Promise<void> {
  for (const variant of tornVariants) {
    const asked = () => get(`/hls/${variant}/stream.m3u8`);
    while ((await asked()).headers["cache-control"] !== "public, max-age=1") await sleep(100);
  }
  await sleep(2500);
}
