import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../lib/errors.ts";
import { type HttpClient, type HttpResponse, makeHttpClient, type Resolve } from "../viewer/http-client.ts";
import { parseMedia, tornBy } from "../viewer/playlist.ts";
import { judgeHeaders } from "./judge-headers.ts";

/** The checks of an edge or a CDN, in the order of the report, with the name that people see. */
export const edgeChecks = {
  /** Every playlist is whole. */
  torn: "playlists are whole",
  /** New segments appear in the playlist as fast as they play. */
  fresh: "playlists are fresh",
  /** A playlist that was kept is at most 2 s old. */
  age: "playlists are kept briefly",
  /** Playlists and segments have the right Content-Type. */
  types: "content types",
  /** Browsers and other caches keep segments, and no playlist. */
  caching: "lifetimes",
  /** Pages of other names may load both. */
  cors: "cross-origin",
  /** No response sets a cookie. */
  cookies: "no cookies",
  /** The same segment twice is the same bytes. */
  same: "segments are whole",
  /** The second request for a segment is answered from the cache. */
  hit: "segments are kept",
  /** Segments are not compressed. */
  compressed: "not compressed",
  /** A segment that does not exist is not found, and not for long. */
  missing: "errors are kept briefly",
} as const;
export type EdgeCheck = keyof typeof edgeChecks;

/** The result of a check. */
export interface EdgeCheckResult {
  readonly check: EdgeCheck;
  readonly outcome: "passed" | "warned" | "failed";
  /** What was found; for a fault, what is wrong. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** What an edge does. */
export interface EdgeReport {
  readonly edge: string;
  readonly playlists: number;
  readonly checks: readonly EdgeCheckResult[];
}

export interface EdgeProbeOptions {
  /** The edge's address, without a path. */
  readonly edge: string;
  readonly caFile?: string | undefined;
  readonly resolve?: readonly Resolve[];
  /** How long to ask for playlists; at least three segments, to see that they are fresh. */
  readonly watchSeconds?: number;
  readonly onProgress?: (text: string) => void;
}

const pollMs = 250;
// One with a query, and one without.
const leastPlaylists = 2;
const oldestPlaylistSeconds = 2;
const longestErrorSeconds = 10;
const otherPage = "https://other-page.example";
// A player of a page on another site, in a browser that would take any compression.
const asBrowser = { Origin: otherPage, "Accept-Encoding": "gzip, deflate, br, zstd" };

/**
 * Checks an edge or a CDN from outside, as players load from it: playlists again and again, one segment twice, one that does not
 * exist. It needs a live stream. Throws CliError 69 if the edge cannot be reached, 1 if it has no playlist of a live stream.
 */
export async function probeEdge(options: EdgeProbeOptions): Promise<EdgeReport> {
  const { edge, caFile, resolve, onProgress = () => {} } = options;
  const client = await makeHttpClient({ caFile, resolve });
  try {
    const playlistUrl = `${edge}/hls/0/stream.m3u8`;
    const playlists = await watchPlaylists(client, playlistUrl, options.watchSeconds ?? 0, onProgress);
    const whole = playlists.filter(({ body }) => tornBy(body.toString()) === undefined);
    const last = whole.at(-1);
    if (!last) throw noPlaylist(edge, playlists[0]);
    onProgress("loading a segment twice");
    const { segments } = parseMedia(last.body.toString());
    const segmentUrl = new URL(segments.at(-1)?.uri ?? "", playlistUrl).href;
    const twice = [await load(client, segmentUrl), await load(client, segmentUrl)] as const;
    const missing = await load(client, new URL("stream-edgeProbe-999999999.ts", playlistUrl).href);
    const checks = [
      ...judgePlaylists(playlists, whole),
      ...judgeBoth([last], twice),
      ...judgeSegment(twice),
      judgeMissing(missing),
    ];
    return { edge, playlists: playlists.length, checks };
  } finally {
    client.close();
  }
}

/** A response with the time of its arrival, in ms on the monotonic clock. */
type Timed = HttpResponse & { readonly atMs: number };

const load = (client: HttpClient, url: string): Promise<HttpResponse> => client.fetch(url, { headers: asBrowser });

async function watchPlaylists(
  client: HttpClient,
  url: string,
  leastSeconds: number,
  onProgress: (text: string) => void,
): Promise<Timed[]> {
  const found: Timed[] = [];
  let untilMs = performance.now() + leastSeconds * 1000;
  for (let count = 0; count < leastPlaylists || performance.now() < untilMs; count++) {
    // Owncast's player appends such a query, and a cache must not keep each one by itself.
    const response = await load(client, count % 2 === 0 ? url : `${url}?cachebust=${count.toString(16)}`);
    found.push({ ...response, atMs: performance.now() });
    if (count === 0 && response.status === 404) throw noPlaylist(url, response);
    const text = response.body.toString();
    if (leastSeconds === 0 && tornBy(text) === undefined) {
      const { targetDurationSeconds } = parseMedia(text);
      leastSeconds = Math.min(30, 3 * targetDurationSeconds + 1);
      untilMs = performance.now() + leastSeconds * 1000;
    }
    onProgress(`asking for playlists: ${found.length}`);
    await sleep(pollMs);
  }
  return found;
}

const noPlaylist = (edge: string, response: HttpResponse | undefined): CliError =>
  new CliError(
    ExitCode.failed,
    `${edge} has no playlist of a live stream: status ${response?.status}`,
    "start the stream, and see that the edge leads to the stage",
  );

const passed = (check: EdgeCheck, detail: string): EdgeCheckResult => ({ check, outcome: "passed", detail });
const failed = (check: EdgeCheck, detail: string, remedy: string): EdgeCheckResult => ({
  ...{ check, outcome: "failed", detail, remedy },
});
const judged = (check: EdgeCheck, fault: string | undefined, well: string, remedy: string): EdgeCheckResult =>
  fault === undefined ? passed(check, well) : failed(check, fault, remedy);

function judgePlaylists(all: readonly Timed[], whole: readonly Timed[]): EdgeCheckResult[] {
  const torn = all.flatMap((one) => {
    const flaw = one.status === 200 ? tornBy(one.body.toString()) : `status ${one.status}`;
    return flaw === undefined ? [] : [flaw];
  });
  const news = newest(whole);
  const { targetDurationSeconds } = parseMedia((whole.at(-1) as Timed).body.toString());
  const ages = all.map(({ headers }) => ageOf(headers)).filter((age) => age !== undefined);
  const oldest = Math.max(0, ...ages);
  return [
    judged(
      "torn",
      torn.length === 0 ? undefined : `${torn.length} of ${all.length}: ${torn[0]}`,
      `${all.length} of ${all.length}`,
      "the edge must pass on and keep only whole playlists: let it ask the stage's own address, not Owncast",
    ),
    judged(
      "fresh",
      news.longestSeconds <= 2 * targetDurationSeconds + oldestPlaylistSeconds
        ? undefined
        : `nothing new for ${news.longestSeconds.toFixed(1)} s, and a segment lasts ${targetDurationSeconds} s`,
      `${news.count} new segments in ${news.seconds.toFixed(0)} s`,
      "the edge keeps playlists for too long, or by another key than the path: 1 s, and the query must not count",
    ),
    judged(
      "age",
      oldest <= oldestPlaylistSeconds ? undefined : `Age: ${oldest}`,
      ages.length === 0 ? "no Age header" : `Age: ${oldest} at most`,
      "let the edge keep a playlist for 1 s at most",
    ),
  ];
}

/** How fast new segments appear. */
function newest(whole: readonly Timed[]): { count: number; seconds: number; longestSeconds: number } {
  const first = whole[0] as Timed;
  const changes = [first.atMs];
  let before = lastUri(first);
  for (const one of whole) {
    const uri = lastUri(one);
    if (uri !== before) changes.push(one.atMs);
    before = uri;
  }
  const endMs = (whole.at(-1) as Timed).atMs;
  const gaps = [...changes.slice(1), endMs].map((atMs, index) => (atMs - (changes[index] as number)) / 1000);
  return { count: changes.length - 1, seconds: (endMs - first.atMs) / 1000, longestSeconds: Math.max(...gaps) };
}

const lastUri = ({ body }: Timed): string => body.toString().trimEnd().split("\n").at(-1) ?? "";

const remedies = {
  types: "pass the stage's Content-Type on",
  caching: "pass the stage's Cache-Control on; browsers must not get a lifetime that is only the edge's",
  cors: "pass Access-Control-Allow-Origin: * on for both, also from the cache and for every Origin",
} as const;

function judgeBoth(playlists: readonly HttpResponse[], segments: readonly HttpResponse[]): EdgeCheckResult[] {
  const responses = [
    ...playlists.map(({ headers }) => ({ what: "playlist" as const, headers })),
    ...segments.map(({ headers }) => ({ what: "segment" as const, headers })),
  ];
  const verdicts = responses.map(judgeHeaders);
  const cookies = responses.filter(({ headers }) => headers["set-cookie"] !== undefined);
  return [
    ...(["types", "caching", "cors"] as const).map((check) =>
      judged(
        check,
        verdicts.find((verdict) => verdict[check] !== undefined)?.[check],
        "as they should be",
        remedies[check],
      ),
    ),
    judged(
      "cookies",
      cookies.length === 0 ? undefined : `a ${cookies[0]?.what} sets one`,
      "none",
      "a cookie makes caches keep nothing, or give one viewer's cookie to all: turn it off",
    ),
  ];
}

function judgeSegment([first, second]: readonly [HttpResponse, HttpResponse]): EdgeCheckResult[] {
  const isVideo = ({ status, body }: HttpResponse): boolean =>
    status === 200 && body.length > 0 && body.length % 188 === 0 && body[0] === 0x47;
  const encoding = first.headers["content-encoding"] ?? second.headers["content-encoding"];
  const flaw = [first, second].find((one) => !isVideo(one));
  // Compressed bytes are no transport stream, and another check says so.
  const isCompressed = encoding !== undefined && encoding !== "identity";
  return [
    judged(
      "same",
      flaw && !isCompressed
        ? `status ${flaw.status}, ${flaw.body.length} bytes that are no whole MPEG-TS segment`
        : first.body.equals(second.body)
          ? undefined
          : "the second response differs from the first",
      `${first.body.length} bytes, twice the same`,
      "the edge must keep only whole responses with status 200, and change none of them",
    ),
    judgeHit(second.headers),
    judged(
      "compressed",
      isCompressed ? `Content-Encoding: ${encoding}` : undefined,
      "no Content-Encoding",
      "compression makes video no smaller and splits the cache: turn it off for video, and ask the stage without Accept-Encoding",
    ),
  ];
}

/** The header of a CDN that says whether a response came from its cache. */
const cacheHeader = /^(x-cache|x-cache-status|cf-cache-status|cdn-cache|x-proxy-cache|x-cache-hits|cache-status)$/;

function judgeHit(headers: IncomingHttpHeaders): EdgeCheckResult {
  const said = Object.entries(headers).filter(([name]) => cacheHeader.test(name));
  const texts = said.map(([name, value]) => `${name}: ${value}`);
  const age = ageOf(headers);
  if (age !== undefined) texts.push(`Age: ${age}`);
  const isHit =
    (age ?? 0) > 0 ||
    said.some(([name, value]) => /\bhit\b/i.test(`${value}`) || (name === "x-cache-hits" && Number(value) > 0));
  if (isHit) return passed("hit", texts.join(", "));
  // A cache that answers within the same second says Age: 0.
  if (said.length === 0)
    return {
      check: "hit",
      outcome: "warned",
      detail: age === undefined ? "no header says so" : "Age: 0, which may be a hit in the same second",
      remedy: "let the edge send X-Cache or Age, or count the requests at the stage: one a segment and edge",
    };
  return failed(
    "hit",
    `the second request was no hit (${texts.join(", ")})`,
    "let the edge keep segments for 10 minutes by their path alone, whatever the query, the cookies and Accept-Encoding",
  );
}

function judgeMissing({ status, headers }: HttpResponse): EdgeCheckResult {
  const control = headers["cache-control"] ?? "";
  const seconds = Number(/\b(?:s-maxage|max-age)=(\d+)/i.exec(control)?.[1] ?? 0);
  const isKept = seconds > longestErrorSeconds && !/\bno-(cache|store)\b/i.test(control);
  const fault =
    status !== 404
      ? `status ${status} for a segment that does not exist`
      : isKept
        ? `404 with Cache-Control: ${control}`
        : undefined;
  return judged(
    "missing",
    fault,
    "404, not for long",
    "a segment that is not there yet comes a moment later: keep errors for a second, and answer no other page instead",
  );
}

/** The Age header in seconds; undefined without a valid one. */
function ageOf({ age }: IncomingHttpHeaders): number | undefined {
  return age !== undefined && /^\d{1,9}$/.test(age) ? Number(age) : undefined;
}

const marks = { failed: "✗", warned: "!", passed: "✓" } as const;
const width = Math.max(...Object.values(edgeChecks).map(({ length }) => length));

/** A line for each check, and a remedy after each that found something. */
export const edgeLines = ({ checks }: EdgeReport): string[] =>
  checks.flatMap(({ check, outcome, detail, remedy }) => [
    `${marks[outcome]} ${edgeChecks[check].padEnd(width)}  ${detail}`,
    ...(remedy === undefined ? [] : [`  → ${remedy}`]),
  ]);
