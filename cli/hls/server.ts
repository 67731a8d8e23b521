import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Keeper } from "./keeper.ts";
import { metricsText } from "./metrics.ts";
import type { Viewers } from "./viewers.ts";

const metricsPath = "/metrics";

/**
 * Makes servers that answer players from memory, and count together. Only playlists, and `/metrics` for the machine's own
 * monitoring, which Caddy does not pass on.
 */
export function serverMaker(keeper: Keeper, viewers: Viewers): () => Server {
  const requests = new Map<number, number>();
  const tagOf = tagMaker();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { url } = request;
    response.once("finish", () => {
      if (url !== metricsPath) requests.set(response.statusCode, (requests.get(response.statusCode) ?? 0) + 1);
    });
    answer(request, response, { keeper, viewers, requests, tagOf });
  };
  return () => {
    const server = createServer(listener);
    // Caddy lets go of an idle connection after two minutes. Were it this side that did, a request could meet the end.
    server.keepAliveTimeout = 150_000;
    return server;
  };
}

interface Sources {
  readonly keeper: Keeper;
  readonly viewers: Viewers;
  readonly requests: ReadonlyMap<number, number>;
  tagOf(name: string, text: string): string;
}

/** Makes the ETag of a playlist, once for all who get the same text. */
function tagMaker(): Sources["tagOf"] {
  const made = new Map<string, { readonly text: string; readonly tag: string }>();
  return (name, text) => {
    const before = made.get(name);
    if (before?.text === text) return before.tag;
    const tag = `"${createHash("sha1").update(text).digest("base64url")}"`;
    made.set(name, { text, tag });
    return tag;
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { keeper, viewers, requests, tagOf }: Sources,
): ServerResponse {
  const path = (request.url ?? "").split("?")[0] ?? "";
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(request, response, 405, "Only GET and HEAD\n", { Allow: "GET, HEAD" });
  if (path === metricsPath)
    return send(request, response, 200, metricsText(keeper, requests), { "Content-Type": "text/plain; version=0.0.4" });
  const [, name] = /^\/hls\/(?:(0|[1-9]\d?)\/)?stream\.m3u8$/.exec(path) ?? [undefined, null];
  if (name === null) return send(request, response, 404, "No such playlist\n");
  viewers.saw(viewerOf(request), request.headers["user-agent"] ?? "");
  const text = keeper.answer(name ?? "");
  // Not 404, which a player believes: Caddy asks Owncast itself then.
  if (text === undefined) return send(request, response, 503, "No playlist yet\n");
  const tag = tagOf(name ?? "", text);
  const headers = {
    "Content-Type": "application/x-mpegURL",
    "Access-Control-Allow-Origin": "*",
    // A second is what an edge may keep it: shorter than the shortest segment.
    "Cache-Control": keeper.isOnAir() ? "public, max-age=1" : "no-cache",
    ETag: tag,
  };
  const known = request.headers["if-none-match"]?.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
  if (known) return response.writeHead(304, headers).end();
  return send(request, response, 200, text, headers);
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Length": Buffer.byteLength(text),
    ...headers,
  });
  return response.end(method === "HEAD" ? undefined : text);
}

/** Caddy says who asked; without Caddy it is whoever is connected. */
function viewerOf({ headers, socket }: IncomingMessage): string {
  const forwarded = headers["x-forwarded-for"];
  const [first] = (Array.isArray(forwarded) ? forwarded.join() : (forwarded ?? "")).split(",");
  return first?.trim() || socket.remoteAddress || "";
}
