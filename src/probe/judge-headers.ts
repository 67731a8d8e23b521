import type { IncomingHttpHeaders } from "node:http";
import type { Check } from "./probe-report.ts";

/** What the headers of a playlist or a segment are judged for. */
export type HeaderCheck = Extract<Check, "types" | "caching" | "cors">;
export const headerChecks: readonly HeaderCheck[] = ["types", "caching", "cors"];

/** An answer and what it is. */
export interface Headed {
  readonly what: "playlist" | "segment";
  readonly headers: IncomingHttpHeaders;
}

const types = {
  playlist: /^(application\/(vnd\.apple|x-)\.?mpegurl|audio\/(x-)?mpegurl)\b/i,
  segment: /^video\/mp2t\b/i,
};
// A cache in front may hold a playlist for a second; longer, and players run dry.
const longestPlaylistSeconds = 2;
const shortestSegmentSeconds = 60;

/** What is wrong with the headers of one answer, by check; undefined where nothing is. */
export function judgeHeaders({ what, headers }: Headed): Record<HeaderCheck, string | undefined> {
  const type = headers["content-type"];
  const origin = headers["access-control-allow-origin"];
  const isClosed = origin === undefined && isPrivate(headers);
  return {
    types:
      type !== undefined && types[what].test(type) ? undefined : `its ${what} comes as ${type ?? "no type at all"}`,
    caching: what === "playlist" ? playlistCaching(headers) : segmentCaching(headers, isClosed),
    cors:
      origin === "*" || isClosed
        ? undefined
        : `its ${what} is closed to players on other pages (Access-Control-Allow-Origin: ${origin ?? "absent"})`,
  };
}

const maxAge = (control: string): number => Number(/\b(?:s-maxage|max-age)=(\d+)/i.exec(control)?.[1] ?? Number.NaN);

function playlistCaching({ "cache-control": control = "" }: IncomingHttpHeaders): string | undefined {
  if (/\bno-(cache|store)\b/i.test(control) || maxAge(control) <= longestPlaylistSeconds) return undefined;
  return `its playlist may be kept by caches (Cache-Control: ${control || "absent"}): viewers get old ones`;
}

// A private stage says so with each answer, and lets no other page read it.
const isPrivate = ({ "cache-control": control = "" }: IncomingHttpHeaders): boolean => /\bprivate\b/i.test(control);

function segmentCaching(headers: IncomingHttpHeaders, mayBePrivate: boolean): string | undefined {
  const { "cache-control": control = "" } = headers;
  const isKept = !/\b(no-cache|no-store)\b/i.test(control) && (mayBePrivate || !isPrivate(headers));
  if (isKept && maxAge(control) >= shortestSegmentSeconds) return undefined;
  return `its segment is not for caches to keep (Cache-Control: ${control || "absent"}), though its name never changes what it holds`;
}
