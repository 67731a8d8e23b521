import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { steering as rule } from "../../../codegen/site/rules.ts";
import { reasonOf } from "../../lib/error-cause.ts";
import { addressOf } from "../../lib/strangers.ts";
import type { Steering, SteeringStatus } from "./steering.ts";

const asJson = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };
const asText = { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" };
const forPrometheus = { "Content-Type": "text/plain; version=0.0.4", "Cache-Control": "no-store" };
// The player may be on an edge's page, or on another site that embeds the stage.
const forPlayers = { ...asJson, "Access-Control-Allow-Origin": "*" };

const limits = { requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 150_000 };

/** A server for players: `/steer` and nothing else. The web server stands in front of it. */
export const playersServer = (steering: Steering): Server =>
  createServer(limits, (request, response) => {
    const [path, query = ""] = splitOnce(request.url ?? "", "?");
    if (!isRead(request)) return refuse(request, response);
    if (path !== rule.at.exactly) return send(request, response, 404, "There is /steer\n", asText);
    send(request, response, 200, steering.answer({ query, address: addressOf(request) }), forPlayers);
  });

/** A server for the machine's root: `/edges`, `/edges/NAME/drain` (PUT and DELETE), and `/metrics`. */
export const controlServer = (steering: Steering): Server =>
  createServer(limits, (request, response) => {
    const path = request.url ?? "";
    const [, name] = /^\/edges\/([a-z0-9-]{1,20})\/drain$/.exec(path) ?? [];
    if (name !== undefined && (request.method === "PUT" || request.method === "DELETE"))
      return void drain(steering, name, request, response);
    if (!isRead(request)) return refuse(request, response);
    if (path === "/metrics") return send(request, response, 200, metricsText(steering), forPrometheus);
    if (path === "/edges") return send(request, response, 200, `${JSON.stringify(steering.status())}\n`, asJson);
    send(request, response, 404, "There are /edges and /metrics\n", asText);
  });

/** A server for the machine's monitoring: `/metrics` and nothing else. */
export const metricsServer = (steering: Steering): Server =>
  createServer(limits, (request, response) => {
    if (!isRead(request)) return refuse(request, response);
    if (request.url === "/metrics") return send(request, response, 200, metricsText(steering), forPrometheus);
    send(request, response, 404, "There is /metrics\n", asText);
  });

async function drain(steering: Steering, name: string, request: IncomingMessage, response: ServerResponse) {
  try {
    const isThere = await steering.drain(name, request.method === "PUT");
    if (isThere) return send(request, response, 200, `${JSON.stringify(steering.status())}\n`, asJson);
    send(request, response, 404, `There is no edge ${name}\n`, asText);
  } catch (error) {
    send(request, response, 500, `It cannot be kept on disk, so nothing has changed: ${reasonOf(error)}\n`, asText);
  }
}

const isRead = ({ method }: IncomingMessage): boolean => method === "GET" || method === "HEAD";

const refuse = (request: IncomingMessage, response: ServerResponse): void =>
  send(request, response, 405, "Only GET and HEAD\n", { ...asText, Allow: "GET, HEAD" });

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(text) });
  response.end(method === "HEAD" ? undefined : text);
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The steering's state in Prometheus' text format. */
function metricsText(steering: Steering): string {
  const { edges, origin }: SteeringStatus = steering.status();
  const perEdge = (value: (edge: SteeringStatus["edges"][number]) => number | null): string[] =>
    edges.flatMap((edge) => {
      const known = value(edge);
      return known === null ? [] : [`{edge="${edge.name}"} ${known}`];
    });
  const ofOrigin = (value: number | null): string[] => (value === null ? [] : [`{edge="origin"} ${value}`]);
  return [
    metric(
      "gauge",
      "edge_up",
      "1 while the edge answers.",
      perEdge(({ state }) => (state === "down" ? 0 : 1)),
    ),
    metric(
      "gauge",
      "edge_drained",
      "1 while an admin sends the edge's viewers elsewhere.",
      perEdge(({ drained }) => (drained ? 1 : 0)),
    ),
    metric("gauge", "edge_viewers", "Players that said lately that they use it.", [
      ...perEdge(({ viewers }) => viewers),
      ...ofOrigin(origin.viewers),
    ]),
    metric("gauge", "edge_kbps", "Median of the speeds that these players measured.", [
      ...perEdge(({ kbps }) => kbps),
      ...ofOrigin(origin.kbps),
    ]),
    metric("counter", "requests_total", "Requests by players.", [` ${steering.requests}`]),
  ].join("");
}

function metric(type: "counter" | "gauge", ending: string, help: string, values: readonly string[]): string {
  const name = `lectern_steer_${ending}`;
  return [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`, ...values.map((value) => `${name}${value}\n`)].join("");
}
