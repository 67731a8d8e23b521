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
const mostFailures = 0.01;
// `lectern gate` with a camera of 6 Mbit/s takes 3.3 % of a processor (docs/benchmarks.md). Here it runs inside the benchmark.
export const gate = 0.033;

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
  const segment = async (what: string, variant: number): Promise<{ gbit: number; each: number }> => {
    const name = await newestSegment(playlist(variant));
    const gbit = (statSync(joinPath(hlsDir, `${variant}`, name)).size * 8) / 1e9;
    return { gbit, each: await each(what, 150, (connection) => connection.ask(`/hls/${variant}/${name}`)) };
  };

  const perPlaylist = await each("playlists", 200, (connection) => connection.ask("/hls/0/stream.m3u8"));
  // The keeper reports each viewer to Owncast, and those who were reported are reported again only after seconds.
  let newcomers = 0;
  const perFirstPlaylist = await each("playlists of new viewers", 100, (connection) =>
    connection.ask("/hls/0/stream.m3u8", { viewer: `newcomer ${newcomers++}` }),
  );
  const [small, large] = [await segment("small segments", 0), await segment("large segments", 1)];
  const perSegmentGbit = Math.max(0, large.each - small.each) / (large.gbit - small.gbit);
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
      perSegment: Math.max(0, small.each - small.gbit * perSegmentGbit),
      perChatMessage: Math.max(0, many - few) / (messages * viewers),
    },
    ...{ muxOverhead: muxOverhead(live), pageBytes },
  };
}

/** The newest segment that a playlist lists. Owncast writes playlists in place, so one may be empty for a moment. */
async function newestSegment(playlist: string): Promise<string> {
  for (;;) {
    const name = segmentsIn(playlist).at(-1)?.name;
    if (name !== undefined) return name;
    await sleep(50);
  }
}

type Ask = (connection: Connection) => Promise<unknown>;

/** Spreads requests evenly over time and connections. Rejects if more than a few fail. */
async function paced(
  connections: readonly Connection[],
  { perSecond, ask }: { readonly perSecond: number; readonly ask: Ask },
): Promise<void> {
  const started = performance.now();
  const asked: Promise<unknown>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    await sleep(Math.max(0, started + (1000 * index) / perSecond - performance.now()));
    const one = ask(connections[index % connections.length] as Connection);
    one.catch(() => {});
    asked.push(one);
  }
  const failed = (await Promise.allSettled(asked)).filter((one) => one.status === "rejected");
  // Under load a server may lose a connection.
  if (failed.length > asked.length * mostFailures)
    throw new Error(`${failed.length} of ${asked.length} requests failed: ${failed[0]?.reason}`);
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
