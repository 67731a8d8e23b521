import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CaddyFault } from "../site/faulty-caddy.ts";
import { outerAddress } from "./faulty-stage.ts";

const small = { name: "S", width: 320, height: 180, framerate: 15, bitrateKbps: 500, cpuUsage: "lowest" } as const;
const medium = { name: "M", width: 426, height: 240, framerate: 15, bitrateKbps: 700, cpuUsage: "lowest" } as const;
const ladder = (...renditions: object[]) => ({ video: { latency: "lowest", ladder: renditions } });

/** Two small renditions: so many probes can run at once. */
export const goodStage = {
  instance: { name: "Stage with faults", pageText: "" },
  chat: { enabled: true },
  video: { latency: "lowest" as const, ladder: [small, medium] },
};

/** A set-up with one fault. */
export interface FaultCase {
  readonly fault: string;
  readonly proxy?: CaddyFault;
  /** A different seed: the running Owncast has then drifted from it. */
  readonly declares?: object;
  readonly flags?: readonly string[];
  readonly expected: readonly string[];
}

// The stage is on air: what is missing now does not come.
const soon = ["--deadline", "3"];
const both = (check: string): string[] => [`S: ${check}`, `M: ${check}`];
const replaced = (found: string, by: string): CaddyFault => ({ vhost: (text) => text.replaceAll(found, by) });
const answered = (path: string, status: number): CaddyFault => added(`handle ${path} {\n respond ${status}\n}`);
const added = (lines: string): CaddyFault => ({ vhost: (text) => `${lines}\n${text}` });
const adminPaths = "path /admin /admin/* /api/admin /api/admin/*";

/** Faults of the proxy, and Owncasts that differ from their seed. */
export const faults: readonly FaultCase[] = [
  {
    fault: "a proxy that compresses video",
    proxy: replaced("file_server", "encode {\n gzip\n match header Content-Type video/*\n }\n file_server"),
    expected: both("compressed"),
  },
  {
    fault: "video under the type of another kind of .ts file",
    proxy: replaced("Content-Type video/mp2t", "Content-Type text/vnd.trolltech.linguist"),
    expected: both("types"),
  },
  {
    fault: "video that players on other pages may not load",
    proxy: replaced("Access-Control-Allow-Origin *", ""),
    expected: both("cors"),
  },
  {
    fault: "video that no cache may keep",
    proxy: replaced('"public, max-age=31557600"', "no-store"),
    expected: both("caching"),
  },
  {
    fault: "playlists that caches may keep for an hour",
    proxy: replaced("header_up Accept-Encoding identity", 'header_down Cache-Control "public, max-age=3600"'),
    expected: ["caching", ...both("caching")],
  },
  {
    fault: "an admin page that is open to every address",
    proxy: replaced("255.255.255.255/32", "0.0.0.0/0"),
    expected: ["admin"],
  },
  {
    fault: "an admin page of which only the first page is closed",
    proxy: replaced(adminPaths, "path /admin /api/admin"),
    expected: ["admin"],
  },
  {
    fault: "renditions that are swapped",
    proxy: added(
      "@zero path_regexp zero ^/hls/0/(.+)$\n@one path_regexp one ^/hls/1/(.+)$\nrewrite @zero /hls/1/{re.zero.1}\nrewrite @one /hls/0/{re.one.1}",
    ),
    expected: both("size"),
  },
  {
    fault: "a folder of segments that is not Owncast's",
    proxy: { vhost: (text) => text.replace(/root \* ".*"/, 'root * "/var/empty"') },
    expected: both("segment"),
  },
  {
    fault: "playlists that stay as they once were",
    proxy: {
      vhost: async (text, folder) => {
        const snapshot = (name: string) => `/hls/${name}/stream.m3u8`;
        for (const name of ["0", "1"]) {
          mkdirSync(join(folder, "hls", name), { recursive: true });
          writeFileSync(join(folder, snapshot(name)), await playlistOf(text, name));
        }
        return `handle /hls/*/stream.m3u8 {\n header Access-Control-Allow-Origin *\n header Cache-Control no-cache\n header Content-Type application/x-mpegURL\n root * "${folder}"\n file_server\n}\n${text}`;
      },
    },
    expected: both("stalled"),
  },
  {
    fault: "a playlist that is empty",
    proxy: answered("/hls/1/stream.m3u8", 200),
    expected: ["M: playlist"],
  },
  {
    fault: "plain http that shows the page",
    proxy: { plain: "reverse_proxy 127.0.0.1:8080" },
    expected: ["redirect"],
  },
  {
    fault: "plain http that leads to another name",
    proxy: { plain: "redir https://other.test{uri}" },
    expected: ["redirect"],
  },
  { fault: "plain http that nobody answers", proxy: { plain: "" }, expected: ["redirect"] },
  { fault: "a certificate from an authority that nobody knows", proxy: { tls: "tls internal" }, expected: ["tls"] },
  {
    fault: "a certificate for another name",
    proxy: { site: "https://other.test" },
    flags: ["--url", "https://other.test"],
    expected: ["tls"],
  },
  {
    fault: "a server without a certificate for the name",
    proxy: { site: "https://other.test", tls: "tls internal" },
    expected: ["tls"],
  },
  {
    fault: "plain http on the port of https",
    proxy: { site: "http://stage.test", tls: "", plain: "", globals: "http_port 443\nhttps_port 444" },
    expected: ["tls"],
  },
  {
    fault: "a page that sends its viewers to a third party",
    proxy: {
      vhost: (text, folder) => {
        writeFileSync(
          join(folder, "index.html"),
          '<html><head><script src="https://counter.example/count.js"></script></head><body>The stage</body></html>',
        );
        return `handle / {\n root * "${folder}"\n file_server\n}\n${text}`;
      },
    },
    expected: ["origins"],
  },
  { fault: "a page without its scripts", proxy: answered("/_next/static/chunks/*", 403), expected: ["page"] },
  {
    fault: "a proxy that leads nowhere",
    proxy: replaced("127.0.0.1:8080", "127.0.0.1:9"),
    flags: soon,
    expected: ["online"],
  },
  {
    fault: "a chat whose websocket does not get through",
    proxy: answered("/ws", 403),
    flags: ["--chat"],
    expected: ["chat"],
  },
  {
    fault: "a chat that nobody can join",
    proxy: answered("/api/chat/register", 404),
    flags: ["--chat"],
    expected: ["chat"],
  },
  { fault: "a port that must be closed", flags: ["--closed", `${outerAddress}:1935`], expected: ["closed"] },
  { fault: "a rendition that nobody declared", declares: ladder(small), expected: ["extra"] },
  {
    fault: "a rendition that is not there",
    declares: ladder(small, medium, { ...medium, name: "L", width: 640, height: 360, bitrateKbps: 900 }),
    flags: soon,
    expected: ["L: missing"],
  },
  {
    fault: "a rendition at another rate",
    declares: ladder(small, { ...medium, framerate: 25 }),
    expected: ["M: framerate"],
  },
  {
    fault: "a rendition at another bitrate",
    declares: ladder(small, { ...medium, bitrateKbps: 1000 }),
    expected: ["M: bitrate"],
  },
];

/** A rendition's present playlist on disk. */
async function playlistOf(vhost: string, name: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const [, folder = ""] = /root \* "(.*)"/.exec(vhost) ?? [];
  for (;;) {
    const text = await readFile(join(folder, "hls", name, "stream.m3u8"), "utf8");
    if (text.endsWith(".ts\n")) return text;
  }
}
