import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GoldenFront } from "../lib/site/front.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { startGoldenNginx } from "../lib/site/golden-nginx.ts";
import { goldenFile } from "../lib/site/golden-site.ts";
import { dial } from "../lib/site/raw-request.ts";

// The host `beside-nginx` serves files at www.sites.test, a program's pages at wiki.sites.test, and a stage at live.sites.test.
const beside = goldenFile("nginx", "beside-nginx");
const before = beside.replace("nginx.conf", "nginx-without-lectern.conf");

const folder = mkdtempSync(join(tmpdir(), "lectern-beside-"));
const files = join(folder, "www");
/** What reached the wiki's program, in the order of its arrival. */
const reached: string[] = [];
let wiki: Server;

/** nginx without Lectern, and with it. */
const hosts: Record<"without" | "with", GoldenFront | undefined> = { without: undefined, with: undefined };
beforeAll(async () => {
  mkdirSync(join(files, "hls"), { recursive: true });
  const put = (name: string, text: string) => {
    writeFileSync(join(files, name), text);
    utimesSync(join(files, name), 1_700_000_000, 1_700_000_000);
  };
  put("index.html", `<!doctype html><title>Sites</title>${"text ".repeat(2000)}`);
  put("index.html.gz", "a file of another name");
  put("picture.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>');
  put("hls/stream.m3u8", "#EXTM3U\n");
  put("hls/stream-abc-1.ts", "video of another program");
  wiki = createServer(answer).on("upgrade", (request, socket) => {
    note(request, Buffer.alloc(0));
    socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes");
  });
  await once(wiki.listen(0, "127.0.0.1"), "listening");
  const { port } = wiki.address() as AddressInfo;
  for (const [name, file] of [["without", before] as const, ["with", beside] as const]) {
    const own = join(folder, name);
    mkdirSync(own);
    const places = { "/srv/www": files, "127.0.0.1:3000": `127.0.0.1:${port}` };
    hosts[name] = await startGoldenNginx("beside", { folder: own, sites: ["www.sites.test"], places }, file);
  }
});
afterAll(async () => {
  for (const host of Object.values(hosts)) await host?.stop();
  wiki?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function note({ method, url, rawHeaders }: IncomingMessage, body: Buffer): void {
  reached.push(JSON.stringify([method, url, rawHeaders, body.length]));
}
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  note(request, await buffer(request));
  const status = Number(/^\/status\/(\d+)$/.exec(request.url ?? "")?.[1] ?? 200);
  response.writeHead(status, [
    ...["Date", "Mon, 01 Jan 2024 00:00:00 GMT", "X-Frame-Options", "DENY", "Referrer-Policy", "no-referrer"],
    ...["Cache-Control", "public, max-age=60", "Access-Control-Allow-Origin", "https://a.test", "Set-Cookie", "a=b"],
    ...["Location", "http://127.0.0.1:3000/elsewhere", "Content-Type", "text/html"],
  ]);
  response.end(`page ${"text ".repeat(2000)}`);
}

interface Asked {
  readonly site: string;
  readonly text: string;
  readonly isPlain?: boolean;
  /** Whether the client says that no more will come once it has a response. Else nginx waits for the rest of a body. */
  readonly endsEarly?: boolean;
}
const request = (site: string, first: string, ...lines: readonly string[]): Asked => ({
  site,
  text: `${[`${first} HTTP/1.1`, `Host: ${site}`, "Connection: close", ...lines].join("\r\n")}\r\n\r\n`,
});
const [www, other, stage] = ["www.sites.test", "wiki.sites.test", "live.sites.test"] as const;
/** Headers that mean something to a stage. */
const ours = [
  "X-Forwarded-User: somebody",
  "X-Forwarded-For: 192.0.2.7",
  `User-Agent: ${"n".repeat(1000)}`,
  "Authorization: Basic dmlld2VyOnNlY3JldA==",
  "Cookie: __Host-lectern-viewer=x",
  "Sec-Fetch-Site: cross-site",
  "Origin: https://evil.test",
  "Lectern-Rehearsal: x",
  "With_An_Underscore: x",
];
// Each is a path of a stage too.
const paths = [
  "/",
  "/hls/stream.m3u8",
  "/hls/0/stream-abc-1.ts",
  "/hls/stream-abc-1.ts",
  "/admin/",
  "/api/admin/status",
];
const morePaths = [
  "/ws",
  "/logo",
  "/picture.svg",
  "/.well-known/lectern-rehearsal",
  "//a//b/../c?x=%2f",
  "/status/502",
];
const length = (bytes: number) => `Content-Length: ${bytes}`;

const requests: readonly Asked[] = [
  ...[www, other].flatMap((site) =>
    [...paths, ...morePaths].flatMap((path) => [request(site, `GET ${path}`), request(site, `GET ${path}`, ...ours)]),
  ),
  ...[www, other].flatMap((site) => [
    request(site, "HEAD /", "Accept-Encoding: gzip, zstd"),
    request(site, "GET /", "Accept-Encoding: gzip, zstd"),
    request(site, "GET /", "Range: bytes=5-9"),
    request(site, "GET /hls"),
    request(site, "GET /.well-known/acme-challenge/x"),
    request(site, "OPTIONS /admin/"),
    request(site, "DELETE /hls/stream.m3u8"),
    request(site, "NONSENSE /"),
    request(site, "GET /", "Expect: a miracle"),
    request(site, "GET /", `Cookie: ${"c".repeat(20_000)}`),
    { ...request(site, "POST /", length(20_000_000)), endsEarly: true },
    {
      ...request(site, "POST /", length(200_000)),
      text: `${request(site, "POST /", length(200_000)).text}${" ".repeat(200_000)}`,
    },
    { ...request(site, "GET /hls/stream.m3u8?x"), isPlain: true },
    { ...request(site, "GET /.well-known/acme-challenge/x"), isPlain: true },
  ]),
  request(other, "GET /ws", "Upgrade: websocket", "Connection: Upgrade"),
  // Unknown names belong to the host's first site.
  { site: www, text: "GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n" },
  { site: www, text: "GET / HTTP/1.0\r\n\r\n" },
  { site: "nobody.test", text: "GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n" },
  { site: www, text: "GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n", isPlain: true },
  { site: www, text: "nonsense\r\n\r\n" },
];

const hostOf = (name: "without" | "with"): GoldenFront =>
  hosts[name] ?? expect.fail(`nginx ${name} Lectern does not run`);

/** All bytes of a response, and what the wiki's program got. Only the time and nginx's own port may differ. */
async function answered(
  name: "without" | "with",
  { site, text, isPlain = false, endsEarly = false }: Asked,
): Promise<readonly string[]> {
  const { https, http } = hostOf(name).ports;
  const socket = dial(isPlain ? { port: http } : { port: https, site });
  reached.length = 0;
  socket.write(text);
  if (endsEarly) socket.once("data", () => socket.end());
  const bytes = await buffer(socket);
  const said = bytes
    .toString("latin1")
    .replace(/^Date: .*$/m, "Date: …")
    .replaceAll(`:${https}`, ":…");
  return [said, ...reached];
}

describe("a stage on a host whose nginx has other sites", needsNginx, () => {
  const titleOf = ({ site, text, isPlain }: Asked) =>
    `${text.slice(0, text.indexOf("\r"))} at ${isPlain ? "http" : "https"}://${site}`;
  test.each(requests.map((asked) => [titleOf(asked), asked] as const))(
    "leaves as it was, byte for byte: %s",
    async (_, asked) => {
      const [earlier = "", ...earlierReached] = await answered("without", asked);
      expect(earlier).toMatch(/^HTTP\/1\.1 \d{3} |^<html>/);
      expect(await answered("with", asked)).toEqual([earlier, ...earlierReached]);
    },
  );

  test("leaves HTTP/2 as it was", async () => {
    const over2 = async (name: "without" | "with", site: string) => {
      const { https } = hostOf(name).ports;
      const session = connectHttp2(`https://127.0.0.1:${https}`, { servername: site, rejectUnauthorized: false });
      const stream = session.request({ ":path": "/", ":authority": site });
      const [{ date: _, ...headers }] = (await once(stream, "response")) as [Record<string, unknown>];
      const body = await buffer(stream);
      session.destroy();
      return [headers, body.toString()];
    };
    for (const site of [www, other]) expect(await over2("with", site)).toEqual(await over2("without", site));
  });

  test("is there itself, at its own name", async () => {
    const asked = request(stage, "GET /api/status");
    expect((await answered("without", asked))[0]).not.toContain("The stage does not answer right now.");
    expect((await answered("with", asked))[0]).toContain("The stage does not answer right now.");
  });
});
