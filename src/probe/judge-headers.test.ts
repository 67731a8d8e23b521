import type { IncomingHttpHeaders } from "node:http";
import { expect, it } from "vitest";
import { type HeaderCheck, judgeHeaders, type ResponseHeaders } from "./judge-headers.ts";

const right: Record<ResponseHeaders["what"], IncomingHttpHeaders> = {
  playlist: {
    ...{ "content-type": "application/x-mpegURL", "access-control-allow-origin": "*" },
    "cache-control": "no-cache, no-store, must-revalidate",
  },
  segment: {
    ...{ "content-type": "video/mp2t", "access-control-allow-origin": "*" },
    "cache-control": "public, max-age=31557600",
  },
};
const faultsOf = (what: ResponseHeaders["what"], changes: IncomingHttpHeaders) =>
  Object.entries(judgeHeaders({ what, headers: { ...right[what], ...changes } }))
    .filter(([, fault]) => fault !== undefined)
    .map(([check]) => check as HeaderCheck);

it.each<[ResponseHeaders["what"], string, IncomingHttpHeaders]>([
  ["playlist", "as Owncast sends it", {}],
  ["playlist", "by its registered type", { "content-type": "application/vnd.apple.mpegurl; charset=utf-8" }],
  ["playlist", "kept for a second by an edge", { "cache-control": "public, max-age=1" }],
  ["segment", "as Caddy sends it", {}],
  ["segment", "kept for five minutes", { "cache-control": "max-age=300" }],
  [
    "playlist",
    "of a private stage",
    { "cache-control": "private, no-cache", "access-control-allow-origin": undefined },
  ],
  [
    "segment",
    "of a private stage",
    { "cache-control": "private, max-age=31557600", "access-control-allow-origin": undefined },
  ],
])("a %s %s has no fault", (what, _, changes) => expect(faultsOf(what, changes)).toEqual([]));

it.each<[ResponseHeaders["what"], HeaderCheck, IncomingHttpHeaders]>([
  ["playlist", "types", { "content-type": "text/plain" }],
  ["playlist", "caching", { "cache-control": "public, max-age=60" }],
  ["playlist", "caching", { "cache-control": undefined }],
  ["playlist", "cors", { "access-control-allow-origin": undefined }],
  ["segment", "types", { "content-type": "text/vnd.trolltech.linguist" }],
  ["segment", "types", { "content-type": undefined }],
  ["segment", "caching", { "cache-control": "no-store" }],
  ["segment", "caching", { "cache-control": "private, max-age=31557600" }],
  ["segment", "caching", { "cache-control": undefined }],
  ["segment", "caching", { "cache-control": "private, max-age=1", "access-control-allow-origin": undefined }],
  ["segment", "cors", { "access-control-allow-origin": undefined }],
  ["segment", "cors", { "access-control-allow-origin": "https://stage.example" }],
])("a %s has a fault only in its %s with %o", (what, check, changes) =>
  expect(faultsOf(what, changes)).toEqual([check]),
);

// A page on https://live.test plays from a bucket on another site.
it.each<[string, IncomingHttpHeaders, HeaderCheck[]]>([
  ["allows this page", { "access-control-allow-origin": "https://live.test" }, []],
  ["allows every page, and names no type", { "content-type": "binary/octet-stream" }, []],
  ["allows another page", { "access-control-allow-origin": "https://other.test" }, ["cors"]],
  ["allows no page", { "access-control-allow-origin": undefined }, ["cors"]],
  [
    "allows no page, and is marked as private",
    { "cache-control": "private, max-age=600", "access-control-allow-origin": undefined },
    ["caching", "cors"],
  ],
  ["has a wrong type", { "content-type": "text/html" }, ["types"]],
])("a segment in a bucket that %s", (_, changes, checks) => {
  const judged = judgeHeaders({
    ...{ what: "segment", headers: { ...right.segment, ...changes } },
    pageOrigin: "https://live.test",
  });
  const faults = Object.entries(judged).filter(([, fault]) => fault !== undefined);
  expect(faults.map(([check]) => check).sort()).toEqual(checks);
});

it("a segment of the stage itself needs its type", () => {
  expect(faultsOf("segment", { "content-type": "binary/octet-stream" })).toEqual(["types"]);
});
