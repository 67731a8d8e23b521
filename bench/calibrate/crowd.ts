import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, openConnection } from "./connection.ts";
import type { LiveStage } from "./live-stage.ts";
import { playbackReport } from "./page.ts";

/** What all viewers fetched so far. */
export interface Tally {
  playlists: number;
  segments: number;
  segmentBytes: number;
  requests: number;
  failures: number;
}

const pageAsksEveryMs = { ping: 4000, status: 5000, metrics: 10_000 } as const;
// A new player begins three segments before the end.
const behind = 3;

/**
 * Viewers who ask as Owncast's page does, until `signal` aborts: the playlist after a segment's length, or after half the target
 * duration if nothing was new; each new segment once; ping, status and metrics. They connect within `withinSeconds`.
 */
export function startCrowd(
  { server, ca }: LiveStage,
  options: { shares: readonly number[]; viewers: number; withinSeconds: number; signal: AbortSignal },
): { readonly tally: Tally; readonly done: Promise<void> } {
  const { shares, viewers, withinSeconds, signal } = options;
  const tally: Tally = { playlists: 0, segments: 0, segmentBytes: 0, requests: 0, failures: 0 };
  const variants = variantsOf(shares, viewers);
  const viewer = async (index: number): Promise<void> => {
    await pause((withinSeconds * 1000 * index) / viewers, signal);
    const connection = openConnection(server.origin, ca, `viewer ${index}`);
    const polls = Object.entries(pageAsksEveryMs).map(([what, ms]) => poll(connection, what, ms, tally, signal));
    await Promise.all([watch(connection, variants[index] ?? 0, tally, signal), ...polls]);
    connection.close();
  };
  const done = Promise.all(Array.from({ length: viewers }, (_, index) => viewer(index))).then(() => {});
  return { tally, done };
}

/** The variant of each viewer; those of one variant are spread over the audience. */
export function variantsOf(shares: readonly number[], viewers: number): number[] {
  const counts = shares.map(() => 0);
  return Array.from({ length: viewers }, (_, index) => {
    const lacking = shares.map((share, variant) => share * (index + 1) - (counts[variant] ?? 0));
    const variant = lacking.indexOf(Math.max(...lacking));
    counts[variant] = (counts[variant] ?? 0) + 1;
    return variant;
  });
}

async function watch(connection: Connection, variant: number, tally: Tally, signal: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  while (!signal.aborted) {
    const started = performance.now();
    const playlist = await connection.ask(`/hls/${variant}/stream.m3u8`, { text: true }).catch(() => undefined);
    tally.playlists += 1;
    if (!playlist) tally.failures += 1;
    const listed = [...(playlist?.text ?? "").matchAll(/^#EXTINF:([\d.]+),.*\n(?:#.*\n)*(\S+\.ts)$/gm)];
    const fresh = listed.slice(-behind).filter(([, , uri = ""]) => !seen.has(uri));
    for (const [, , uri = ""] of fresh) {
      seen.add(uri);
      if (signal.aborted) return;
      const path = new URL(uri, `https://x/hls/${variant}/`).pathname;
      const bytes = await connection.ask(path).then(
        (response) => response.bytes,
        () => undefined,
      );
      if (bytes === undefined) tally.failures += 1;
      tally.segments += 1;
      tally.segmentBytes += bytes ?? 0;
    }
    const target = Number(/^#EXT-X-TARGETDURATION:(\d+)/m.exec(playlist?.text ?? "")?.[1] ?? 2);
    const seconds = fresh.length > 0 ? Number(listed.at(-1)?.[1] ?? target) : target / 2;
    await pause(seconds * 1000 - (performance.now() - started), signal);
  }
}

async function poll(connection: Connection, what: string, everyMs: number, tally: Tally, signal: AbortSignal) {
  await pause(Math.random() * everyMs, signal);
  while (!signal.aborted) {
    const path = what === "metrics" ? "/api/metrics/playback" : `/api/${what}`;
    await connection.ask(path, what === "metrics" ? { json: playbackReport } : {}).catch(() => (tally.failures += 1));
    tally.requests += 1;
    await pause(everyMs, signal);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(Math.max(0, ms), undefined, { signal }).catch(() => {});
