import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testCertificates } from "../../checks/lib/process/certificates.ts";
import { SteeredViewer } from "./steered-viewer.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-steered-"));
const caFile = join(folder, "authority.pem");
const startedMs = Date.now();
/** The pathway that steering names first. */
let best = "paris";
let isOnAir = false;
/** What steering says instead of an order, if anything. */
let nonsense: string | undefined;
const asked: { readonly pathway: string | null; readonly from: string | undefined }[] = [];
const servers: Record<string, Server> = {};
const loaded: Record<string, number> = { paris: 0, tokyo: 0 };
const portOf = (server: Server | undefined): number => (server?.address() as AddressInfo | undefined)?.port ?? 0;

/** A list whose newest segment is as old as the test, in steps of 0.2 s. */
function playlist(): string {
  const newest = Math.floor((Date.now() - startedMs) / 200) + 10;
  const names = Array.from(
    { length: 6 },
    (_, at) => `${isOnAir ? "stream-a" : "stream-offline"}-${newest - 5 + at}.ts`,
  );
  const head = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${newest - 5}\n`;
  return `${head}${names.map((name) => `#EXTINF:0.2,\n${name}\n`).join("")}`;
}

beforeAll(async () => {
  writeFileSync(caFile, testCertificates.authority);
  for (const name of ["paris", "tokyo"])
    servers[name] = createServer(({ url = "" }, response) => {
      if (url.endsWith(".m3u8")) return void response.end(playlist());
      loaded[name] = (loaded[name] ?? 0) + 1;
      response.end(Buffer.alloc(1000));
    }).listen(0, "127.0.0.1");
  servers.origin = createServer(({ url = "", socket }, response) => {
    const { searchParams, pathname } = new URL(url, "http://stage.test");
    if (pathname !== "/steer") {
      const variant = (name: string) =>
        `#EXT-X-STREAM-INF:BANDWIDTH=1,PATHWAY-ID="${name}"\nhttp://127.0.0.1:${portOf(servers[name])}/hls/0/stream.m3u8\n`;
      const steering = '#EXT-X-CONTENT-STEERING:SERVER-URI="/steer",PATHWAY-ID="paris"\n';
      return void response.end(`#EXTM3U\n${steering}${variant("paris")}${variant("tokyo")}`);
    }
    asked.push({ pathway: searchParams.get("_HLS_pathway"), from: socket.remoteAddress });
    if (nonsense !== undefined) return void response.end(nonsense);
    const order = [best, ...["paris", "tokyo"].filter((name) => name !== best)];
    response.end(JSON.stringify({ VERSION: 1, TTL: 1, "PATHWAY-PRIORITY": order }));
  }).listen(0, "127.0.0.1");
  await Promise.all(Object.values(servers).map((server) => once(server, "listening")));
});
afterAll(() => {
  for (const server of Object.values(servers)) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

it("waits for a stream, goes where steering sends it, outlives a response that is no order, and by itself leaves an edge that dies", async () => {
  const ended = new AbortController();
  const page = `http://127.0.0.1:${portOf(servers.origin)}`;
  const viewer = new SteeredViewer({ page, caFile, localAddress: "127.0.9.7", signal: ended.signal });
  const watching = viewer.watch();
  await expect.poll(() => viewer.watched().pathway, { timeout: 10_000 }).toBe("paris");
  expect(viewer.watched().hasStarted).toBe(false);
  isOnAir = true;
  await expect.poll(() => loaded.paris, { timeout: 10_000 }).toBeGreaterThan(3);
  nonsense = "<html>";
  const askedBefore = asked.length;
  await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThan(askedBefore);
  nonsense = undefined;
  best = "tokyo";
  await expect.poll(() => viewer.watched().pathway, { timeout: 10_000, interval: 20 }).toBe("tokyo");
  await expect.poll(() => loaded.tokyo, { timeout: 10_000 }).toBeGreaterThan(3);
  const before = loaded.paris ?? 0;
  servers.tokyo?.close().closeAllConnections();
  // Steering still names the dead one first.
  await expect.poll(() => loaded.paris, { timeout: 10_000 }).toBeGreaterThan(before + 3);
  expect(viewer.watched().pathway).toBe("paris");
  expect(asked[0]).toEqual({ pathway: '"paris"', from: "127.0.9.7" });
  ended.abort();
  await watching;
  expect(viewer.watched().hasStarted).toBe(true);
});
