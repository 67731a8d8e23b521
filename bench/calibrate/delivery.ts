import { statSync } from "node:fs";
import { join as joinPath } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { videoKbps } from "../../src/media/declared-renditions.ts";
import type { Costs } from "../../src/rehearse/costs.ts";
import { cameraSoundKbps } from "../../src/rehearse/stage-load.ts";
import { withChat } from "./chat.ts";
import { type Connection, openConnection } from "./connection.ts";
import { type LiveStage, segmentsIn } from "./live-stage.ts";
import { join, playbackReport } from "./page.ts";
import { exactSeconds } from "./processor-time.ts";

const viewers = 20;
// A multiple of the segments' length, so that Owncast's own work is the same in each measurement.
const seconds = 8;
// `lectern gate` with a camera of 6 Mbit/s takes 3.3 % of a processor (docs/benchmarks.md). Here it runs inside the benchmark.
const gate = 0.033;

/** What viewers cost Caddy, the keeper and Owncast, one kind of request after the other, from 20 connections. */
export async function measureDelivery(
  live: LiveStage,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<Pick<Costs, "delivery" | "idlePerSecond" | "muxOverhead" | "pageBytes">> {
  const { server, ca, hlsDir } = live;
  const playlist = (variant: number) => joinPath(hlsDir, `${variant}/stream.m3u8`);
  /** Processor seconds that some work takes beyond what runs anyway. */
  let idle = 0;
  const spent = async (what: string, work: () => Promise<unknown>): Promise<number> => {
    signal.throwIfAborted();
    note(what);
    const [before, started] = [exactSeconds(server.pids()), performance.now()];
    await Promise.all([work(), sleep(seconds * 1000)]);
    // A busy machine takes longer than it should.
    const elapsed = (performance.now() - started) / 1000;
    return Math.max(0, exactSeconds(server.pids()) - before - idle * elapsed);
  };
  const connections = Array.from({ length: viewers }, (_, index) =>
    openConnection(server.origin, ca, `caller ${index}`),
  );
  // Warms up: connections, Caddy's buffers, the keeper's compiler.
  await paced(connections, { perSecond: 100, ask: (connection) => connection.ask("/hls/0/stream.m3u8") });
  idle = (await spent("nobody", async () => {})) / seconds;
  const each = async (what: string, perSecond: number, ask: Ask): Promise<number> =>
    (await spent(what, () => paced(connections, { perSecond, ask }))) / (perSecond * seconds);
  const newest = (variant: number) => segmentsIn(playlist(variant)).at(-2)?.name ?? "none.ts";
  const gbit = (variant: number) => (statSync(joinPath(hlsDir, `${variant}`, newest(variant))).size * 8) / 1e9;
  const segment =
    (variant: number): Ask =>
    (connection) =>
      connection.ask(`/hls/${variant}/${newest(variant)}`);

  const perPlaylist = await each("playlists", 200, (connection) => connection.ask("/hls/0/stream.m3u8"));
  // The keeper reports each viewer to Owncast, and those who were reported are reported again only after seconds.
  let newcomers = 0;
  const perFirstPlaylist = await each("playlists of new viewers", 100, (connection) =>
    connection.ask("/hls/0/stream.m3u8", { viewer: `newcomer ${newcomers++}` }),
  );
  const [small, large] = [gbit(0), gbit(1)];
  const perSmall = await each("small segments", 150, segment(0));
  const perLarge = await each("large segments", 150, segment(1));
  const perSegmentGbit = Math.max(0, perLarge - perSmall) / (large - small);
  const perPing = await each("pings", 200, (connection) => connection.ask("/api/ping"));
  const perStatus = await each("status", 200, (connection) => connection.ask("/api/status"));
  const perMetrics = await each("playback metrics", 200, (connection) =>
    connection.ask("/api/metrics/playback", { json: playbackReport }),
  );
  for (const connection of connections) connection.close();

  const arrivals = { perSecond: 5, seconds };
  let pageBytes = 0;
  const joins = await spent("people who come", async () => {
    pageBytes = await join(live, arrivals);
  });
  const perJoin = joins / (arrivals.perSecond * arrivals.seconds);

  // The same messages to few and to many: the difference is what each further viewer costs.
  const chatting = async (people: number): Promise<number> =>
    withChat(live, people, (send) => spent(`chat of ${people}`, () => send({ perSecond: 4, seconds })));
  const [few, many] = [await chatting(4), await chatting(4 + viewers)];
  const messages = 4 * seconds;
  return {
    idlePerSecond: idle + gate,
    delivery: {
      ...{ perPlaylist, perSegmentGbit, perPing, perStatus, perMetrics, perJoin },
      perReport: Math.max(0, perFirstPlaylist - perPlaylist),
      perSegment: Math.max(0, perSmall - small * perSegmentGbit),
      perChatMessage: Math.max(0, many - few) / (messages * viewers),
    },
    ...{ muxOverhead: muxOverhead(live), pageBytes },
  };
}

type Ask = (connection: Connection) => Promise<unknown>;

/** Spreads requests evenly over time and connections. Rejects if one fails. */
async function paced(
  connections: readonly Connection[],
  { perSecond, ask }: { readonly perSecond: number; readonly ask: Ask },
): Promise<void> {
  const started = performance.now();
  const asked: Promise<unknown>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    await sleep(Math.max(0, started + (1000 * index) / perSecond - performance.now()));
    asked.push(ask(connections[index % connections.length] as Connection));
  }
  await Promise.all(asked);
}

/** Bytes of the listed segments, relative to what the ladder and the camera's sound take. */
export function muxOverhead({ seed, hlsDir }: LiveStage): number {
  const sums = { bytes: 0, nominal: 0 };
  for (const [index, { bitrateKbps = 0 }] of (seed.video?.ladder ?? []).entries())
    for (const { name, seconds } of segmentsIn(joinPath(hlsDir, `${index}/stream.m3u8`))) {
      sums.bytes += statSync(joinPath(hlsDir, `${index}`, name)).size;
      sums.nominal += ((videoKbps({ bitrateKbps }) + cameraSoundKbps) * 1000 * seconds) / 8;
    }
  return Math.max(1, sums.bytes / sums.nominal);
}
