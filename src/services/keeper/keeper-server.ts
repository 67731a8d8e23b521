import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { captionsProgram, languagePattern, unshownPath } from "../../lib/captions-tracks.ts";
import { addressOf } from "../../lib/strangers.ts";
import type { NativeViewers } from "./native-viewers.ts";
import type { PlaylistKeeper } from "./playlist-keeper.ts";

const metricsPath = "/metrics";
// Caddy's health checks ask every upstream for one path. Of Owncast's paths this one costs it least.
const healthPath = "/api/status";
const masterPath = "/hls/stream.m3u8";
const variantPath = /^\/hls\/(0|[1-9]\d?)\/stream\.m3u8$/;
const captionsPath = new RegExp(`^/hls/captions/(${languagePattern})/stream\\.m3u8$`);

// Names and values by turns: Node sends such headers with the least work.
const plain = ["Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store"];
const forPrometheus = ["Content-Type", "text/plain; version=0.0.4", "Cache-Control", "no-store"];

/**
 * Makes servers that answer players from memory and share one count of responses. They serve playlists, `/api/status` for
 * Caddy's health checks, and `/metrics` for the machine's own monitoring: Caddy does not pass that path on.
 */
export function serverFactory(keeper: PlaylistKeeper, viewers: NativeViewers): () => Server {
  const responses = new Map<number, number>();
  const sources = { keeper, viewers, responses, prepare: playlistCache() };
  const respondAndCount = (asked: PlayerRequest, response: ServerResponse): void => {
    respond(asked, response, sources);
    if (asked.path !== metricsPath && asked.path !== healthPath)
      responses.set(response.statusCode, (responses.get(response.statusCode) ?? 0) + 1);
  };
  const used = new WeakSet<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket, method } = request;
    const path = (request.url ?? "").split("?", 1)[0] as string;
    const name = path === masterPath ? "" : variantPath.exec(path)?.[1];
    const asked = { request, path, name, language: name === undefined ? captionsPath.exec(path)?.[1] : undefined };
    // If the keeper is killed while a request waits, Caddy and nginx retry only on a connection that has been used before.
    const mayWait = method === "GET" && used.has(socket);
    used.add(socket);
    const firstSegment = mayWait && asked.name ? keeper.waitForFirstSegment(Number(asked.name)) : undefined;
    if (firstSegment) void firstSegment.then(() => response.destroyed || respondAndCount(asked, response));
    else respondAndCount(asked, response);
  };
  return () => {
    const server = createServer(listener);
    // Caddy closes idle connections after two minutes, nginx after one. If this side closed first, a request could be lost.
    server.keepAliveTimeout = 150_000;
    return server;
  };
}

interface PlayerRequest {
  readonly request: IncomingMessage;
  /** Without the query. */
  readonly path: string;
  /** Of a playlist: the variant's number, or `""` for the master playlist. */
  readonly name: string | undefined;
  /** Of a caption track's playlist. */
  readonly language: string | undefined;
}

interface Sources {
  readonly keeper: PlaylistKeeper;
  readonly viewers: NativeViewers;
  readonly responses: ReadonlyMap<number, number>;
  prepare(name: string, text: string, isOnAir: boolean): PreparedPlaylist;
}

interface PreparedPlaylist {
  readonly text: string;
  readonly isOnAir: boolean;
  readonly tag: string;
  readonly headers: readonly string[];
}

/** Prepares each playlist once for all players: many of them ask for the same one every second. */
function playlistCache(): Sources["prepare"] {
  const prepared = new Map<string, PreparedPlaylist>();
  return (name, text, isOnAir) => {
    const before = prepared.get(name);
    if (before?.text === text && before.isOnAir === isOnAir) return before;
    const tag = `"${createHash("sha1").update(text).digest("base64url")}"`;
    const headers = [
      ...["Content-Type", "application/x-mpegURL", "Access-Control-Allow-Origin", "*"],
      // An edge may keep it for a second, which is shorter than the shortest segment.
      ...["Cache-Control", isOnAir ? "public, max-age=1" : "no-cache", "ETag", tag],
    ];
    const now = { text, isOnAir, tag, headers };
    prepared.set(name, now);
    return now;
  };
}

function respond(
  { request, path, name, language }: PlayerRequest,
  response: ServerResponse,
  { keeper, viewers, responses, prepare }: Sources,
): ServerResponse {
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(request, response, 405, "Only GET and HEAD\n", [...plain, "Allow", "GET, HEAD"]);
  if (path === healthPath) return send(request, response, 200, "answering playlists\n", plain);
  if (path === metricsPath) return send(request, response, 200, metricsText(keeper, responses), forPrometheus);
  const isUnshown = path === unshownPath && keeper.captions() !== undefined;
  const text = isUnshown ? keeper.unshownPlaylist() : textOf(keeper, name, language);
  if (text === "unknown") return send(request, response, 404, "No such playlist\n", plain);
  const program = request.headers["user-agent"] ?? "";
  // A player of captions asks for video too.
  if (name !== undefined && program !== captionsProgram) viewers.report(addressOf(request), program);
  // At a 503 Caddy or nginx asks Owncast instead. Players would believe a 404.
  if (text === undefined) return send(request, response, 503, "No playlist yet\n", plain);
  const { tag, headers } = prepare(isUnshown ? path : (name ?? `captions/${language}`), text, keeper.isOnAir());
  const isKnown = request.headers["if-none-match"]?.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
  if (isKnown) return response.writeHead(304, [...headers]).end();
  return send(request, response, 200, text, headers);
}

/** The playlist; undefined if there is none yet, `unknown` if there never is one. */
function textOf(keeper: PlaylistKeeper, name: string | undefined, language: string | undefined): string | undefined {
  if (name !== undefined) return keeper.playlist(name);
  return language === undefined ? "unknown" : keeper.captionsPlaylist(language);
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: readonly string[],
): ServerResponse {
  response.writeHead(status, [...headers, "Content-Length", `${Buffer.byteLength(text)}`]);
  return response.end(method === "HEAD" ? undefined : text);
}

/** The keeper's counters in Prometheus' text format. */
export function metricsText(keeper: PlaylistKeeper, responses: ReadonlyMap<number, number>): string {
  const { drops, heldSeconds, tornReads, faults } = keeper.counts();
  const age = keeper.newestAgeSeconds();
  const counts = [...faults].map(([kind, { count }]) => `{kind="${kind}"} ${count}`);
  const lasting = [...faults].map(([kind, { lasts }]) => `{kind="${kind}"} ${lasts ? 1 : 0}`);
  const byStatus = [...responses].map(([status, count]) => `{status="${status}"} ${count}`);
  return [
    metric("counter", "drops_total", "Losses of the publisher that players did not notice.", [` ${drops}`]),
    metric("counter", "held_seconds_total", "Time of waiting for a lost publisher.", [` ${heldSeconds.toFixed(3)}`]),
    metric("counter", "torn_reads_total", "Reads of a playlist that Owncast was still writing.", [` ${tornReads}`]),
    metric("gauge", "newest_segment_age_seconds", "Time since the newest segment was there.", ageText(age)),
    metric("gauge", "kept_bytes", "Size of the kept segments.", [` ${keeper.keptBytes}`]),
    metric("gauge", "on_air", "1 during a stream or a wait for a lost publisher.", [` ${keeper.isOnAir() ? 1 : 0}`]),
    metric("counter", "faults_total", "Faults during which the keeper went on from memory.", counts),
    metric("gauge", "faulty", "1 while such a fault lasts.", lasting),
    metric("counter", "requests_total", "Responses to players, by status.", byStatus),
    ...captionsMetrics(keeper),
  ].join("");
}

function captionsMetrics(keeper: PlaylistKeeper): string[] {
  const { tracks, responses } = keeper.captions() ?? {};
  if (!responses) return [];
  const byLanguage = [...responses].map(([language, count]) => `{language="${language}"} ${count}`);
  return [
    metric("gauge", "caption_tracks", "Caption tracks that the master playlist names.", [` ${tracks}`]),
    metric("counter", "caption_requests_total", "Requests for playlists of captions, by language.", byLanguage),
  ];
}

const ageText = (seconds: number | undefined): string[] => (seconds === undefined ? [] : [` ${seconds.toFixed(3)}`]);

function metric(type: "counter" | "gauge", ending: string, help: string, values: readonly string[]): string {
  const name = `lectern_keeper_${ending}`;
  return [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`, ...values.map((value) => `${name}${value}\n`)].join("");
}
