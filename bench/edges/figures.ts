import { median } from "../measure.mjs";
import type { LoggedRequest } from "./stand.ts";

/** What a figure must reach. */
export type Bar = { readonly atMost: number } | { readonly atLeast: number } | { readonly exactly: number };

/** One measured figure. */
export interface Figure {
  /** One word, for the last line. */
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly value: number;
  /** Follows the number, as in `1.2x` or `30 ms`. */
  readonly unit: string;
  readonly digits: number;
  readonly bar?: Bar;
}

/** Whether a figure reaches its bar as measured, before it is rounded. No number reaches none. */
export const reaches = ({ value, bar }: Pick<Figure, "value" | "bar">): boolean =>
  bar === undefined ||
  ("atMost" in bar ? value <= bar.atMost : "atLeast" in bar ? value >= bar.atLeast : value === bar.exactly);

const shown = (value: number, { unit, digits }: Figure): string => `${value.toFixed(digits)}${unit}`;

const barOf = (figure: Figure): string => {
  const { bar } = figure;
  if (bar === undefined) return "–";
  const [sign, value] =
    "atMost" in bar ? ["≤", bar.atMost] : "atLeast" in bar ? ["≥", bar.atLeast] : ["=", bar.exactly];
  return `${sign} ${Number(value.toFixed(3))}${figure.unit}`;
};

/** All figures as Markdown. */
export const table = (figures: readonly Figure[]): string =>
  [
    "| figure | measured | bar |",
    "|---|---|---|",
    ...figures.map((figure) => {
      const mark = reaches(figure) ? "" : " ✗";
      return `| ${figure.what} | ${shown(figure.value, figure)}${mark} | ${barOf(figure)} |`;
    }),
  ].join("\n");

/** The last line: every figure with its bar, and which bars are not reached. */
export function lastLine(figures: readonly Figure[]): string {
  const words = figures.map((figure) => {
    const bar = figure.bar === undefined ? "" : ` (${barOf(figure).replace(" ", "")})`;
    return `${figure.name} ${shown(figure.value, figure)}${bar}`;
  });
  const failing = figures.filter((figure) => !reaches(figure)).map(({ name }) => name);
  return `edges: ${words.join(", ")}; ${failing.length === 0 ? "every bar is reached" : `not reached: ${failing.join(", ")}`}`;
}

/** The value that this share of all values does not exceed. NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Times of requests in milliseconds, from h2load's log of requests. Throws if one has not the status 200. */
export function timesIn(log: string): number[] {
  return log
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, status, microseconds] = line.split("\t").map(Number);
      if (status !== 200) throw new Error(`a request got ${status}: ${line}`);
      return (microseconds ?? Number.NaN) / 1000;
    });
}

/** Whether a path of the log is a segment's. */
export const isSegment = (uri: string): boolean => /^\/hls\/.+\.ts$/.test(uri);

/** How often an address asked for each segment: the most of all. 0 if nobody asked for one. */
export function mostFetches(log: readonly LoggedRequest[]): number {
  const counts = new Map<string, number>();
  for (const { request } of log) {
    if (!isSegment(request.uri)) continue;
    const key = `${request.remote_ip} ${request.uri}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** What Owncast's page asks for again and again. */
export const reported = ["/api/ping", "/api/status", "/api/metrics/playback"] as const;

/** Requests per second for each path, over that time. */
export const rates = (
  log: readonly LoggedRequest[],
  seconds: number,
): Readonly<Record<(typeof reported)[number], number>> =>
  Object.fromEntries(
    reported.map((path) => [path, log.filter(({ request }) => request.uri === path).length / seconds]),
  ) as Record<(typeof reported)[number], number>;

/** How much later the edge showed each segment than the origin, in seconds. Segments that one of the two never showed do not count. */
export function addedAges(origin: ReadonlyMap<string, number>, edge: ReadonlyMap<string, number>): number[] {
  return [...origin].flatMap(([name, atMs]) => {
    const later = edge.get(name);
    return later === undefined ? [] : [Math.max(0, (later - atMs) / 1000)];
  });
}

/** One server's yields, and another's, pair by pair. */
export const medianRatio = (ones: readonly number[], others: readonly number[]): number =>
  median(ones.map((one, index) => one / (others[index] ?? Number.NaN)));

/** A line of the origin's log for people. */
export function logLine({ ts, status, size, duration, request }: LoggedRequest, sinceSeconds: number): string {
  const at = `${(ts - sinceSeconds).toFixed(3)} s`;
  return `${at.padStart(9)}  ${request.remote_ip}  ${request.method} ${request.uri}  ${status}  ${size} bytes in ${(1000 * duration).toFixed(1)} ms`;
}
