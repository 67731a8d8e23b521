import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";
import { cacheIn } from "../lib/site/front.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { type GuardedRequest, type GuardedSite, guardSite, password } from "../lib/site/guarded-site.ts";

// Proves: whatever a host's nginx has in `http { }` for its other sites, a stage's site answers as it does alone.

/** Settings that a host may have for all of its sites, each of which would change an answer of a stage. */
const ofTheHost = (folder: string): readonly string[] => [
  'auth_basic "Staff only";',
  `auth_basic_user_file ${folder}/nobody;`,
  "deny all;",
  "satisfy all;",
  'add_header X-Host "yes" always;',
  'add_header Cache-Control "public, max-age=60" always;',
  "error_page 401 403 404 405 413 502 503 504 = /the-hosts-error;",
  "recursive_error_pages off;",
  "open_file_cache max=100 inactive=1h;",
  "open_file_cache_errors on;",
  "open_file_cache_valid 1h;",
  "expires 1h;",
  "charset utf-16;",
  "charset_types *;",
  "ssi on;",
  "ssi_types *;",
  "etag off;",
  "if_modified_since off;",
  "limit_rate 1;",
  "merge_slashes off;",
  "underscores_in_headers on;",
  "ignore_invalid_headers off;",
  "gzip on;",
  "gzip_static on;",
  "gzip_types *;",
  "gzip_min_length 1;",
  "gzip_proxied any;",
  "default_type text/html;",
  "root /;",
  "autoindex on;",
  `proxy_cache_path ${folder}/cache-of-the-host keys_zone=host:1m;`,
  "proxy_cache host;",
  "proxy_cache_valid any 1h;",
  "proxy_ignore_headers Cache-Control Expires Set-Cookie;",
  "proxy_redirect http:// https://elsewhere.test/;",
  "proxy_set_header Host elsewhere.test;",
  "proxy_set_header X-Forwarded-User boss;",
  "proxy_hide_header Content-Type;",
  "proxy_intercept_errors on;",
  "proxy_next_upstream off;",
  "proxy_buffering off;",
  "proxy_request_buffering off;",
  "proxy_http_version 1.0;",
  "proxy_connect_timeout 1ms;",
  "proxy_read_timeout 1ms;",
  "proxy_send_timeout 1ms;",
];

interface Asked extends GuardedRequest {
  readonly path: string;
}
const gzip = { "accept-encoding": "gzip, br, zstd" };
const requests: readonly Asked[] = [
  { path: "/", headers: { ...gzip, accept: "text/html" } },
  { path: "/api/emoji", headers: gzip },
  { path: "/api/config", headers: gzip },
  { path: "/api/config", headers: { "if-modified-since": "Wed, 25 Nov 2099 00:00:00 GMT" } },
  { path: "/api/no-such-thing" },
  { path: "/embed/video", headers: gzip },
  { path: "/logo" },
  { path: "/favicon.ico", headers: gzip },
  { path: "/hls/stream.m3u8", headers: gzip },
  { path: "/hls/stream.m3u8", method: "POST" },
  { path: "/hls/0/stream-abc-0.ts", headers: gzip },
  { path: "/hls/0/stream-abc-0.ts", headers: { range: "bytes=0-1" } },
  { path: "/hls/0/stream-abc-1.ts", headers: gzip },
  { path: "/hls/0/stream-abc-2.ts" },
  { path: "/.well-known/lectern-rehearsal" },
  { path: "/.well-known/lectern-rehearsal", method: "POST" },
  { path: "/admin" },
  { path: "//admin" },
  { path: "/admin/", headers: { authorization: password } },
  { path: "/admin/", headers: { authorization: password, "sec-fetch-site": "cross-site" } },
  { path: "/api/admin/serverconfig", headers: { authorization: password } },
  { path: "//api//admin/serverconfig", headers: { authorization: password } },
  { path: "/api/admin/serverconfig", headers: { ...gzip, authorization: password, origin: "own" } },
  { path: "/api/metrics/playback", method: "POST", headers: { "content-length": "2" }, body: [Buffer.from("{}")] },
  { path: "/api/chat/register", method: "POST", headers: { "content-length": "200000" } },
  { path: "/the-hosts-error" },
];

describe("a stage's site beside a host's own settings for all of its sites", needsNginx, () => {
  let owncast: PlainOwncast;
  let alone: GuardedSite;
  let beside: GuardedSite;

  beforeAll(async () => {
    owncast = await startSettingsOwncast();
    const start = async (settings: readonly string[]) => {
      const anchor = "\tdefault_type application/octet-stream;\n";
      const site = await guardSite(owncast, {
        ...{ front: "nginx", host: "one", site: "one.test", admins: "127.0.0.0/8" },
        texts: { nginx: { [anchor]: `${settings.length > 0 ? settings.join("\n") : anchor}\n` } },
      });
      const cache = join(cacheIn(site.folder), "main");
      for (const each of ["hls/0", "hls-kept/0"]) mkdirSync(join(cache, each), { recursive: true });
      for (const [file, text] of [
        ["hls-kept/0/stream-abc-0.ts", "a whole segment"],
        ["hls/0/stream-abc-1.ts", "a segment in writing"],
      ] as const) {
        writeFileSync(join(cache, file), text);
        // Its time is in the response's headers.
        utimesSync(join(cache, file), 0, 1_800_000_000);
      }
      return site;
    };
    alone = await start([]);
    beside = await start(ofTheHost("/tmp"));
  });
  afterAll(async () => {
    await alone?.stop();
    await beside?.stop();
    await owncast?.stop();
  });

  async function answer(site: GuardedSite, { path, headers = {}, ...request }: Asked) {
    const own = headers.origin === "own" ? { origin: site.origin } : {};
    const { status, headers: told } = await site.ask(path, { ...request, headers: { ...headers, ...own } });
    const { date: _, ...rest } = told;
    // Owncast makes a nonce for each response.
    const text = JSON.stringify({ status, ...rest }).replaceAll(/'nonce-[^']+'/g, "'nonce'");
    return JSON.parse(text.replaceAll(site.origin, "ORIGIN"));
  }

  const named = requests.map((asked) => ({
    asked,
    name: [asked.method ?? "GET", asked.path, ...Object.keys(asked.headers ?? {})].join(" "),
  }));
  it.each(named)("answers $name as it does alone", async ({ asked }) => {
    expect(await answer(beside, asked)).toEqual(await answer(alone, asked));
  });

  it("sees a segment that appears after somebody has asked for it", async () => {
    const path = "/hls/0/stream-abc-9.ts";
    expect((await beside.ask(path)).status).toBe(404);
    writeFileSync(join(cacheIn(beside.folder), "main/hls-kept/0/stream-abc-9.ts"), "new");
    expect((await beside.ask(path)).status).toBe(200);
  });
});
