import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { type Connection, openConnection } from "../calibrate/connection.ts";
import { playbackReport } from "../calibrate/page.ts";

/** A server that viewers use: an edge, or the origin itself. */
export interface Target {
  /** Name and port as viewers know them; the name leads to 127.0.0.1. */
  readonly origin: string;
  readonly caFile: string;
}

/** What a crowd does. Everything is cloned into its thread. */
export interface CrowdPlan {
  /** Viewers take turns in the choice. */
  readonly targets: readonly Target[];
  readonly viewers: number;
  /** Whether they play video. */
  readonly watches: boolean;
  /** Whether they send pings and ask for the status, as Owncast's page does. They report their playback only when they are told to. */
  readonly reports: boolean;
  /** Over this time they come. */
  readonly joinSeconds: number;
  /** The second number of their addresses, as in 127.N.0.1. */
  readonly network: number;
}

/** To begin and to end a count; the third order makes them report their playback too. */
export type CrowdOrder = "begin" | "end" | "report playback";

/** What they did. */
export interface CrowdTally {
  readonly playlists: number;
  readonly segments: number;
  readonly segmentBytes: number;
  readonly reports: number;
  readonly failures: number;
  /** The first failure's words. */
  readonly firstFailure?: string;
}

const segmentMs = 2000;
// How often Owncast's page asks, read in its source.
const everyMs = { "/api/ping": 4000, "/api/status": 5000, "/api/metrics/playback": 10_000 } as const;

const { targets, viewers, watches, reports, joinSeconds, network } = workerData as CrowdPlan;
const authorities = new Map(targets.map(({ caFile }) => [caFile, readFileSync(caFile)]));
const nothing = { playlists: 0, segments: 0, segmentBytes: 0, reports: 0, failures: 0 };
let tally: { -readonly [Key in keyof CrowdTally]: CrowdTally[Key] } = { ...nothing };

const tried = async (work: () => Promise<void>): Promise<void> =>
  work().catch((error: unknown) => {
    tally.failures += 1;
    tally.firstFailure ??= error instanceof Error ? error.message : `${error}`;
  });

/** Does it again and again, at even times. */
async function each(ms: number, work: () => Promise<void>): Promise<void> {
  for (let next = performance.now() + ms * Math.random(); ; next += ms) {
    await sleep(Math.max(0, next - performance.now()));
    await tried(work);
  }
}

/** Loads each new segment. The first look only notes what is there, so that all load the same number. */
async function watch(connection: Connection, index: number): Promise<void> {
  let [known, looks] = ["", 0];
  await each(segmentMs, async () => {
    const query = `?cachebust=${index.toString(16)}${(looks++).toString(16)}`;
    const { text } = await connection.ask(`/hls/0/stream.m3u8${query}`, { text: true });
    tally.playlists += 1;
    const names: readonly string[] = text.match(/^stream-\S+\.ts$/gm) ?? [];
    const later = known === "" ? [] : names.slice(names.indexOf(known) + 1);
    known = names.at(-1) ?? known;
    for (const name of later) {
      const { bytes } = await connection.ask(`/hls/0/${name}`);
      tally.segments += 1;
      tally.segmentBytes += bytes;
    }
  });
}

async function report(connection: Connection, path: keyof typeof everyMs): Promise<void> {
  const sent = path === "/api/metrics/playback" ? { json: playbackReport } : {};
  await each(everyMs[path], async () => {
    await connection.ask(path, sent);
    tally.reports += 1;
  });
}

const connections: Connection[] = [];

async function come(index: number): Promise<void> {
  await sleep((joinSeconds * 1000 * index) / viewers);
  const { origin, caFile } = targets[index % targets.length]!;
  const connection = openConnection(origin, authorities.get(caFile)!, `${index}`, {
    localAddress: `127.${network}.${1 + (index >> 7)}.${1 + (index & 127)}`,
    lookup: (_host, options, done) =>
      options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
  });
  await tried(async () => void (await connection.ask("/api/status")));
  if (watches) void watch(connection, index);
  if (reports) for (const path of ["/api/ping", "/api/status"] as const) void report(connection, path);
  connections.push(connection);
}

await Promise.all(Array.from({ length: viewers }, (_, index) => come(index)));
if (tally.failures > 0) throw new Error(`${tally.failures} of ${viewers} viewers cannot come: ${tally.firstFailure}`);
parentPort?.postMessage("there");
parentPort?.on("message", (what: CrowdOrder) => {
  parentPort?.postMessage(tally);
  if (what === "begin") tally = { ...nothing };
  if (what === "report playback")
    for (const connection of connections) void report(connection, "/api/metrics/playback");
});
