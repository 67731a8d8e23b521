import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { isExhaustive } from "../../checks/lib/exhaustive.ts";
import { type EdgeCheck, type EdgeReport, edgeLines, probeEdge } from "./probe-edge.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

const segment = Buffer.alloc(188 * 20, 0x47);
const segmentMs = 300;

/** What an edge for tests does wrong. */
interface Faults {
  /** Text of the nth playlist. */
  readonly playlist?: (text: string, count: number, query: string) => string;
  readonly playlistHeaders?: Readonly<Record<string, string>>;
  readonly segmentHeaders?: Readonly<Record<string, string>>;
  /** Answers a segment's nth request instead. */
  readonly segment?: (response: ServerResponse, request: IncomingMessage, count: number) => boolean;
  readonly missing?: (response: ServerResponse) => void;
}

/** A good edge, but for these faults. Its segments are shorter than any of Owncast's, so that a test is short. */
async function edgeWith(faults: Faults = {}): Promise<string> {
  const startMs = performance.now();
  let playlists = 0;
  let segments = 0;
  const cors = { "access-control-allow-origin": "*" };
  const server = createServer((request, response) => {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    if (path.endsWith(".m3u8")) {
      const newest = Math.floor((performance.now() - startMs) / segmentMs) + 3;
      const names = [2, 1, 0].map((back) => `#EXTINF:0.300,\nstream-a-${newest - back}.ts\n`);
      const text = `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${newest - 2}\n${names.join("")}`;
      const type = { "content-type": "application/x-mpegURL", "cache-control": "public, max-age=1" };
      response.writeHead(200, { ...type, ...cors, ...faults.playlistHeaders });
      return response.end(faults.playlist?.(text, playlists++, query) ?? text);
    }
    if (path.includes("edgeProbe")) {
      if (faults.missing) return faults.missing(response);
      return response.writeHead(404, { "cache-control": "no-store" }).end("No such segment");
    }
    segments += 1;
    if (faults.segment?.(response, request, segments)) return;
    const kept = { "cache-control": "public, max-age=31557600", "x-cache": segments > 1 ? "HIT" : "MISS" };
    response.writeHead(200, { "content-type": "video/mp2t", ...kept, ...cors, ...faults.segmentHeaders });
    response.end(segment);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const outcomes = ({ checks }: EdgeReport, outcome: string) =>
  checks.filter((one) => one.outcome === outcome).map(({ check }) => check);
const probed = async (faults?: Faults) => probeEdge({ edge: await edgeWith(faults), watchSeconds: 0.6 });

describe.concurrent("an edge", () => {
  it("without a fault passes every check", async () => {
    const report = await probed();
    expect(edgeLines(report).filter((line) => !line.startsWith("✓"))).toEqual([]);
    expect(report.checks).toHaveLength(11);
  });

  it.each<[string, Faults, EdgeCheck]>([
    ["sends an empty playlist", { playlist: (text, count) => (count === 1 ? "" : text) }, "torn"],
    ["sends half a playlist", { playlist: (text, count) => (count === 1 ? text.slice(0, -9) : text) }, "torn"],
    ["says that a playlist is old", { playlistHeaders: { age: "7" } }, "age"],
    ["lets browsers keep playlists", { playlistHeaders: { "cache-control": "max-age=60" } }, "caching"],
    ["lets nobody keep segments", { segmentHeaders: { "cache-control": "no-store" } }, "caching"],
    ["calls a playlist a page", { playlistHeaders: { "content-type": "text/html" } }, "types"],
    ["lets one page load video", { segmentHeaders: { "access-control-allow-origin": "https://one.example" } }, "cors"],
    ["sets a cookie", { segmentHeaders: { "set-cookie": "a=b" } }, "cookies"],
    ["keeps no segment", { segmentHeaders: { "x-cache": "MISS" } }, "hit"],
    ["finds what does not exist", { missing: (response) => void response.end("<html>") }, "missing"],
    [
      "keeps an error for an hour",
      { missing: (response) => void response.writeHead(404, { "cache-control": "max-age=3600" }).end() },
      "missing",
    ],
    [
      "sends a shorter segment the second time",
      {
        segment: (response, _, count) => {
          if (count === 1) return false;
          const headers = { "content-type": "video/mp2t", "x-cache": "HIT", "access-control-allow-origin": "*" };
          response.writeHead(200, { ...headers, "cache-control": "max-age=3600" }).end(segment.subarray(188));
          return true;
        },
      },
      "same",
    ],
    [
      "compresses video",
      {
        segment: (response, { headers }) => {
          if (!headers["accept-encoding"]?.includes("gzip")) return false;
          const all = { "content-type": "video/mp2t", "x-cache": "HIT", "access-control-allow-origin": "*" };
          response.writeHead(200, { ...all, "cache-control": "max-age=3600", "content-encoding": "gzip" });
          response.end(gzipSync(segment));
          return true;
        },
      },
      "compressed",
    ],
  ])("that %s fails one check", async (_, faults, check) => {
    const report = await probed(faults);
    expect(outcomes(report, "failed")).toEqual([check]);
    expect(edgeLines(report).filter((line) => line.startsWith("  → "))).toHaveLength(1);
  });

  it.runIf(isExhaustive)(
    "that keeps a playlist for long is not fresh",
    async () => {
      let kept: string | undefined;
      const edge = await edgeWith({
        playlist: (text) => {
          kept ??= text;
          return kept;
        },
      });
      expect(outcomes(await probeEdge({ edge, watchSeconds: 4.5 }), "failed")).toEqual(["fresh"]);
    },
    20_000,
  );

  it("that says nothing of its cache gets a warning", async () => {
    const report = await probed({
      segment: (response) => {
        const headers = { "content-type": "video/mp2t", "access-control-allow-origin": "*" };
        response.writeHead(200, { ...headers, "cache-control": "max-age=3600" }).end(segment);
        return true;
      },
    });
    expect([outcomes(report, "failed"), outcomes(report, "warned")]).toEqual([[], ["hit"]]);
  });

  it("without a live stream is told so", async () => {
    const edge = await edgeWith({ playlist: () => "" });
    await expect(probeEdge({ edge, watchSeconds: 0.1 })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("no playlist of a live stream"),
    });
  });

  it("that cannot be reached is an error of its own", () =>
    expect(probeEdge({ edge: "http://127.0.0.1:1", watchSeconds: 0.1 })).rejects.toMatchObject({ exitCode: 69 }));
});
