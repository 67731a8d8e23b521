import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Keeper } from "./keeper.ts";
import { metricsText } from "./keeper-metrics.ts";
import type { Viewers } from "./native-viewers.ts";

const metricsPath = "/metrics";
// Caddy asks its upstreams one path whether they are there, and this is the one that costs Owncast next to nothing.
const healthPath = "/api/status";
const masterPath = "/hls/stream.m3u8";
const variantPath = /^\/hls\/(0|[1-9]\d?)\/stream\.m3u8$/;

// Headers are names and values by turns, as Node takes them with the least work.
const plain = ["Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store"];
const forPrometheus = ["Content-Type", "text/plain; version=0.0.4", "Cache-Control", "no-store"];

/**
 * Makes servers that answer players from memory, and count together. Only playlists, `/api/status` for Caddy's checks, and
 * `/metrics` for the machine's own monitoring, which Caddy does not pass on.
 */
export function serverMaker(keeper: Keeper, viewers: Viewers): () => Server {
  const requests = new Map<number, number>();
  const sources = { keeper, viewers, requests, readyFor: readyMaker() };
  const reply = (asked: Asked, response: ServerResponse): void => {
    answer(asked, response, sources);
    if (asked.path !== metricsPath && asked.path !== healthPath)
      requests.set(response.statusCode, (requests.get(response.statusCode) ?? 0) + 1);
  };
  const used = new WeakSet<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket, method } = request;
    const path = (request.url ?? "").split("?", 1)[0] as string;
    const asked = { request, path, name: path === masterPath ? "" : variantPath.exec(path)?.[1] };
    // Should the keeper be killed meanwhile, Caddy asks the next one, but only over a connection that has been used before.
    const mayWait = method === "GET" && used.has(socket);
    used.add(socket);
    const goesOn = mayWait && asked.name ? keeper.untilItGoesOn(Number(asked.name)) : undefined;
    if (goesOn) void goesOn.then(() => response.destroyed || reply(asked, response));
    else reply(asked, response);
  };
  return () => {
    const server = createServer(listener);
    // Caddy lets go of an idle connection after two minutes. Were it this side that did, a request could meet the end.
    server.keepAliveTimeout = 150_000;
    return server;
  };
}

/** What somebody asked for. */
interface Asked {
  readonly request: IncomingMessage;
  /** Without what stands behind a question mark. */
  readonly path: string;
  /** Of a playlist: a variant's number, or nothing for the master playlist. */
  readonly name: string | undefined;
}

interface Sources {
  readonly keeper: Keeper;
  readonly viewers: Viewers;
  readonly requests: ReadonlyMap<number, number>;
  readyFor(name: string, text: string, isOnAir: boolean): Ready;
}

/** A playlist ready to go out. */
interface Ready {
  readonly text: string;
  readonly isOnAir: boolean;
  readonly tag: string;
  readonly headers: readonly string[];
}

/** Makes playlists ready, once for all who get the same: a crowd asks for one many times a second. */
function readyMaker(): Sources["readyFor"] {
  const made = new Map<string, Ready>();
  return (name, text, isOnAir) => {
    const before = made.get(name);
    if (before?.text === text && before.isOnAir === isOnAir) return before;
    const tag = `"${createHash("sha1").update(text).digest("base64url")}"`;
    const headers = [
      ...["Content-Type", "application/x-mpegURL", "Access-Control-Allow-Origin", "*"],
      // A second is what an edge may keep it: shorter than the shortest segment.
      ...["Cache-Control", isOnAir ? "public, max-age=1" : "no-cache", "ETag", tag],
    ];
    const ready = { text, isOnAir, tag, headers };
    made.set(name, ready);
    return ready;
  };
}

function answer(
  { request, path, name }: Asked,
  response: ServerResponse,
  { keeper, viewers, requests, readyFor }: Sources,
): ServerResponse {
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(request, response, 405, "Only GET and HEAD\n", [...plain, "Allow", "GET, HEAD"]);
  if (path === healthPath) return send(request, response, 200, "answering playlists\n", plain);
  if (path === metricsPath) return send(request, response, 200, metricsText(keeper, requests), forPrometheus);
  if (name === undefined) return send(request, response, 404, "No such playlist\n", plain);
  viewers.saw(viewerOf(request), request.headers["user-agent"] ?? "");
  const text = keeper.answer(name);
  // Not 404, which a player believes: Caddy asks Owncast itself then.
  if (text === undefined) return send(request, response, 503, "No playlist yet\n", plain);
  const { tag, headers } = readyFor(name, text, keeper.isOnAir());
  const known = request.headers["if-none-match"]?.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
  if (known) return response.writeHead(304, [...headers]).end();
  return send(request, response, 200, text, headers);
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

/** Caddy says who asked; without Caddy it is whoever is connected. */
function viewerOf({ headers, socket }: IncomingMessage): string {
  const forwarded = headers["x-forwarded-for"];
  const [first] = (Array.isArray(forwarded) ? forwarded.join() : (forwarded ?? "")).split(",");
  return first?.trim() || socket.remoteAddress || "";
}
