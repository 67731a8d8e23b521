import type { IncomingHttpHeaders } from "node:http";
import type { Check, Notes } from "./probe-report.ts";

/** The checks that headers decide. */
export type HeaderCheck = Extract<Check, "types" | "caching" | "cors">;
export const headerChecks: readonly HeaderCheck[] = ["types", "caching", "cors"];

/** The headers of a response. */
export interface ResponseHeaders {
  readonly what: "playlist" | "segment";
  readonly headers: IncomingHttpHeaders;
  /** The origin of the stage's page if another site sent the response. */
  readonly pageOrigin?: string | undefined;
}

const types = {
  playlist: /^(application\/(vnd\.apple|x-)\.?mpegurl|audio\/(x-)?mpegurl)\b/i,
  segment: /^video\/mp2t\b/i,
};
// Owncast names no type for a segment that it uploads to an object storage, and players do not need one.
const typelessSegment = /^(binary|application)\/octet-stream\b/i;
// A cache may hold a playlist for a second. If it holds one longer, players run out of segments.
const longestPlaylistSeconds = 2;
const shortestSegmentSeconds = 60;

/** The faults in the headers of one response, by check; undefined for a check that passes. */
export function judgeHeaders({ what, headers, pageOrigin }: ResponseHeaders): Record<HeaderCheck, string | undefined> {
  const type = headers["content-type"];
  const origin = headers["access-control-allow-origin"];
  const isClosed = origin === undefined && pageOrigin === undefined && isPrivate(headers);
  const isTypeless = what === "segment" && pageOrigin !== undefined && typelessSegment.test(type ?? "");
  const readers = pageOrigin === undefined ? "players on other pages" : `the stage's own page, ${pageOrigin},`;
  return {
    types:
      type !== undefined && (types[what].test(type) || isTypeless)
        ? undefined
        : `its ${what} has Content-Type ${type ?? "absent"}`,
    caching: what === "playlist" ? playlistCaching(headers) : segmentCaching(headers, isClosed),
    cors:
      origin === "*" || isClosed || (pageOrigin !== undefined && origin === pageOrigin)
        ? undefined
        : `${readers} may not load its ${what} (Access-Control-Allow-Origin: ${origin ?? "absent"})`,
  };
}

const maxAge = (control: string): number => Number(/\b(?:s-maxage|max-age)=(\d+)/i.exec(control)?.[1] ?? Number.NaN);

function playlistCaching({ "cache-control": control = "" }: IncomingHttpHeaders): string | undefined {
  if (/\bno-(cache|store)\b/i.test(control) || maxAge(control) <= longestPlaylistSeconds) return undefined;
  return `caches may keep its playlist (Cache-Control: ${control || "absent"}): viewers get old ones`;
}

// A private stage marks each response as private, and lets no other page read it.
const isPrivate = ({ "cache-control": control = "" }: IncomingHttpHeaders): boolean => /\bprivate\b/i.test(control);

function segmentCaching(headers: IncomingHttpHeaders, mayBePrivate: boolean): string | undefined {
  const { "cache-control": control = "" } = headers;
  const mayBeKept = !/\b(no-cache|no-store)\b/i.test(control) && (mayBePrivate || !isPrivate(headers));
  if (mayBeKept && maxAge(control) >= shortestSegmentSeconds) return undefined;
  return `caches may not keep its segment (Cache-Control: ${control || "absent"}), though a segment never changes`;
}

/** Notes `types`, `caching` and `cors` of several responses together. */
export function noteHeaders(responses: readonly ResponseHeaders[], notes: Notes): void {
  const judged = responses.map(judgeHeaders);
  for (const check of headerChecks) {
    const faults = judged.flatMap((verdict) => verdict[check] ?? []);
    notes.judge(check, faults.length === 0 ? undefined : faults.join("; "));
  }
}
