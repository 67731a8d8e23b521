import { setTimeout as sleep } from "node:timers/promises";
import { exactSeconds } from "../calibrate/processor-time.ts";
import { median } from "../measure.mjs";
import { startCrowd } from "./crowd.ts";
import type { CrowdPlan, Target } from "./crowd-worker.ts";
import { addedAges, isSegment, logLine, mostFetches, percentile, rates } from "./figures.ts";
import { timesOf } from "./h2load-times.ts";
import { clientOf, type EdgeStand, newestOf } from "./stand.ts";

const settleSeconds = 2;
const pollMs = 100;
// Far above their bars: what takes longer is broken, not slow.
const freshWithinMs = 30_000;
const segmentWithinMs = 30_000;
const segmentSeconds = 2;

/** What all measures need. */
export interface Measuring {
  readonly stand: EdgeStand;
  /** For files of their own. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Resolves half a segment after a new one is listed, so that none is on its way when a measure begins or ends. */
async function betweenSegments({ stand, signal }: Measuring): Promise<void> {
  await newSegment(stand, signal);
  await sleep(1000, undefined, { signal });
}

/** Resolves to the path of the next new segment as soon as the origin lists it. */
async function newSegment(stand: EdgeStand, signal: AbortSignal): Promise<string> {
  const { target } = stand.origin();
  const client = await clientOf(target);
  try {
    const [before, until] = [await newestOf(client, target), performance.now() + segmentWithinMs];
    for (; performance.now() < until; await sleep(20, undefined, { signal })) {
      const now = await newestOf(client, target);
      if (now !== undefined && now !== before) return now;
    }
    throw new Error(`no new segment within ${segmentWithinMs / 1000} s: the camera or Owncast has ended`);
  } finally {
    client.close();
  }
}

/** What a crowd took from the origin. */
export interface Egress {
  readonly mbps: number;
  /** Segments that viewers got, of those that all of them together should get. */
  readonly share: number;
  /** The most requests of one edge for one segment; undefined without edges. */
  readonly fetches: number | undefined;
  /** How much later each segment was listed at the edge, in seconds. */
  readonly ages: readonly number[];
}

/** Lets viewers watch, by that many edges, and counts what the origin sends. */
export async function measureEgress(
  measuring: Measuring,
  { viewers, edges, seconds }: { readonly viewers: number; readonly edges: 0 | 1 | 2; readonly seconds: number },
): Promise<Egress> {
  const { stand, signal } = measuring;
  const used = edges === 0 ? [stand.direct] : stand.edges.slice(0, edges);
  const bytes = () => used.reduce((sum, { line }) => sum + line.bytes(), 0);
  const targets = used.map(({ target }) => target);
  const crowd = await startCrowd({
    ...{ targets, viewers, watches: true, reports: true, joinSeconds: 2, network: 10 + edges },
  });
  try {
    await crowd.reportPlayback();
    await sleep(settleSeconds * 1000, undefined, { signal });
    await betweenSegments(measuring);
    const log = stand.originLog();
    const ends = new AbortController();
    const ageing = edges === 0 ? Promise.resolve([]) : watchAges(stand, targets[0]!, ends.signal);
    const { result: sent, tally } = await crowd.count(async () => {
      const before = bytes();
      await sleep(seconds * 1000, undefined, { signal });
      return bytes() - before;
    });
    ends.abort();
    if (tally.failures > 0) throw new Error(`${tally.failures} requests failed: ${tally.firstFailure}`);
    // nginx's log does not tell the edges apart.
    const sources = stand.front === "caddy" ? 1 : edges;
    const fetches = edges === 0 ? undefined : mostFetches(log()) / sources;
    // An edge and a single viewer load each segment once, so by chance one more or less in that time. Their time is that of the segments.
    const segments = new Set(log().flatMap(({ request }) => (isSegment(request.uri) ? [request.uri] : []))).size;
    const streamSeconds = edges > 0 || viewers === 1 ? segments * segmentSeconds : seconds;
    const share = tally.segments / (viewers * (seconds / segmentSeconds));
    return { mbps: (sent * 8) / streamSeconds / 1e6, share, fetches, ages: await ageing };
  } finally {
    await crowd.leave();
  }
}

/** Looks at the origin and at an edge at the same times, until told to end. */
async function watchAges(stand: EdgeStand, edge: Target, ends: AbortSignal): Promise<number[]> {
  const seen = async (target: Target) => {
    const [client, first] = [await clientOf(target), new Map<string, number>()];
    // The first segment may have been there for long.
    const old = await newestOf(client, target);
    while (!ends.aborted) {
      const [name, atMs] = [await newestOf(client, target), performance.now()];
      if (name !== undefined && name !== old && !first.has(name)) first.set(name, atMs);
      await sleep(pollMs);
    }
    client.close();
    return first;
  };
  const [ofOrigin, ofEdge] = await Promise.all([seen(stand.origin().target), seen(edge)]);
  return addedAges(ofOrigin, ofEdge);
}

/** What crowds of a new segment cost, and how long they wait. */
export interface ColdCrowds {
  /** The 95th percentile in milliseconds, the median of the crowds and the worst one. */
  readonly p95: number;
  readonly worstP95: number;
  /** Requests of an edge for the segment, of each crowd. */
  readonly fetches: readonly number[];
  /** The origin's log of the first crowd, and of each that cost more than one request. */
  readonly log: readonly string[];
}

/** Each time a segment is new, that many viewers ask one edge for it at once. */
export async function measureColdCrowds(
  { stand, folder, signal }: Measuring,
  { viewers, crowds }: { readonly viewers: number; readonly crowds: number },
): Promise<ColdCrowds> {
  const p95s: number[] = [];
  const [fetches, shown] = [[] as number[], [] as string[]];
  for (let round = 0; round < crowds; round++) {
    const { target } = stand.edges[round % 2]!;
    const path = await newSegment(stand, signal);
    const [log, since] = [stand.originLog(), Date.now() / 1000];
    const load = { urls: [`${target.origin}${path}`], clients: viewers, requestsEach: 1 };
    p95s.push(percentile(await timesOf(load, folder, signal), 0.95));
    const lines = log().filter(({ request }) => isSegment(request.uri));
    const most = mostFetches(lines);
    if (most === 0) throw new Error("the origin's log does not have the crowd's segment");
    fetches.push(most);
    if (round === 0 || most > 1) shown.push(...lines.map((line) => logLine(line, since)));
  }
  return { p95: median(p95s), worstP95: Math.max(...p95s), fetches, log: shown };
}

/** Response times in milliseconds of viewers at a player's pace: a segment and a playlist every two seconds, which the edge has. */
export async function measureWarm(
  { stand, folder, signal }: Measuring,
  { viewers, seconds }: { readonly viewers: number; readonly seconds: number },
): Promise<{ readonly p50: number; readonly p95: number; readonly p99: number }> {
  const [{ target }] = stand.edges;
  const path = await newSegment(stand, signal);
  const urls = [`${target.origin}${path}`, `${target.origin}/hls/0/stream.m3u8`];
  await timesOf({ urls, clients: 1, requestsEach: 2 }, folder, signal);
  const times = await timesOf({ urls, clients: viewers, requestsEach: seconds, isSpread: true }, folder, signal);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(times, share)) as [number, number, number];
  return { p50, p95, p99 };
}

/** What pages cost the origin that watch nothing. */
export interface ReportCost {
  readonly perSecond: ReturnType<typeof rates>;
  /** What they send, for comparison. */
  readonly sentPerSecond: number;
  /** Processors of front, keeper and Owncast. */
  readonly processors: number;
}

/** A second without viewers costs this many processors of the origin. */
export async function measureIdle({ stand, signal }: Measuring, seconds: number): Promise<number> {
  const [before, began] = [exactSeconds(stand.originPids()), performance.now()];
  await sleep(seconds * 1000, undefined, { signal });
  return (exactSeconds(stand.originPids()) - before) / ((performance.now() - began) / 1000);
}

/** What pages cost with pings and status requests, and with reports of their playback too. `counted`: viewers as Owncast counts them. */
export async function measureReports(
  measuring: Measuring,
  { viewers, targets, seconds }: Pick<CrowdPlan, "viewers" | "targets"> & { readonly seconds: number },
): Promise<{ readonly asks: ReportCost; readonly all: ReportCost; readonly counted: number }> {
  const { stand, signal } = measuring;
  const joinSeconds = Math.max(2, viewers / 70);
  const plan = { targets, viewers, watches: false, reports: true, joinSeconds, network: 30 + targets.length };
  const crowd = await startCrowd(plan);
  const cost = async (): Promise<ReportCost> => {
    const log = stand.originLog();
    const { result: processors, tally } = await crowd.count(() => measureIdle(measuring, seconds));
    if (tally.failures > 0) throw new Error(`${tally.failures} requests failed: ${tally.firstFailure}`);
    return { perSecond: rates(log(), seconds), sentPerSecond: tally.reports / seconds, processors };
  };
  try {
    // An edge keeps a ping for 10 s, so the first seconds say little about the later ones.
    await sleep(12_000, undefined, { signal });
    const asks = await cost();
    const counted = await countedBy(stand);
    await crowd.reportPlayback();
    await sleep(settleSeconds * 1000, undefined, { signal });
    return { asks, all: await cost(), counted };
  } finally {
    await crowd.leave();
  }
}

/** All requests per second. */
export const sum = (perSecond: ReportCost["perSecond"]): number =>
  Object.values(perSecond).reduce((all, one) => all + one, 0);

/** How many viewers Owncast says it has. */
export async function countedBy({ stage }: EdgeStand): Promise<number> {
  const status = (await (await fetch(`${stage.owncastUrl}/api/status`)).json()) as { viewerCount: number };
  return status.viewerCount;
}

/** What Owncast counts when that many pages come to each of the two edges. */
export async function countByTwoEdges({ stand, signal }: Measuring, each: number): Promise<number> {
  const targets = stand.edges.map(({ target }) => target);
  const crowd = await startCrowd({
    ...{ targets, viewers: 2 * each, watches: true, reports: true, joinSeconds: 1, network: 20 },
  });
  try {
    await sleep(6000, undefined, { signal });
    return await countedBy(stand);
  } finally {
    await crowd.leave();
  }
}

/** How long an edge takes to be fresh after its origin answers again. */
export interface Return {
  readonly downSeconds: number;
  readonly freshSeconds: number;
  /** Statuses of the edge's playlists while the origin was gone. */
  readonly meanwhile: readonly number[];
}

/** Kills the origin, starts it again after that time, and watches the edge while some viewers do too. */
export async function measureReturn(
  { stand, signal }: Measuring,
  { viewers, downs }: { readonly viewers: number; readonly downs: readonly number[] },
): Promise<Return[]> {
  const [{ target }] = stand.edges;
  const crowd = await startCrowd({
    ...{ targets: [target], viewers, watches: true, reports: true, joinSeconds: 1, network: 40 },
  });
  const client = await clientOf(target);
  const returns: Return[] = [];
  try {
    for (const downSeconds of downs) {
      await sleep(3000, undefined, { signal });
      await stand.killOrigin();
      const meanwhile = new Set<number>();
      for (const until = performance.now() + downSeconds * 1000; performance.now() < until; await sleep(pollMs))
        meanwhile.add((await client.fetch(`${target.origin}/hls/0/stream.m3u8`)).status);
      await stand.startOrigin();
      const began = performance.now();
      const { target: origin } = stand.origin();
      const ofOrigin = await clientOf(origin);
      const newest = numberIn(await newestOf(ofOrigin, origin));
      ofOrigin.close();
      if (Number.isNaN(newest)) throw new Error("the origin lists no segment after its return");
      while (!(numberIn(await newestOf(client, target)) >= newest)) {
        if (performance.now() - began > freshWithinMs) throw new Error("the edge stays old after its origin's return");
        await sleep(50, undefined, { signal });
      }
      const freshSeconds = (performance.now() - began) / 1000;
      returns.push({ downSeconds, freshSeconds, meanwhile: [...meanwhile] });
    }
  } finally {
    client.close();
    await crowd.leave();
  }
  return returns;
}

/** Owncast's number of a segment; NaN without one. */
const numberIn = (path: string | undefined): number => Number(/-(\d+)\.ts$/.exec(path ?? "")?.[1] ?? Number.NaN);
