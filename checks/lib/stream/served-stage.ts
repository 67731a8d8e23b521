import { createServer, type OutgoingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** One rendition of a stage for tests. */
export interface TestRendition {
  /** As the master playlist says; the segments may differ. */
  readonly width: number;
  readonly height: number;
  /** Segments in order. A moment after the first look at the playlist, the second is listed, and so on. */
  readonly segments: readonly Buffer[];
  /** After the last one, further segments with the same video follow, faster than live; none if this is false. */
  readonly goesOn?: boolean;
  readonly firstSequence?: number;
  readonly segmentName?: (index: number) => string;
  /** Changes the media playlist. */
  readonly playlist?: (text: string) => string;
}

/** A response that replaces the stage's own. Its headers come on top of the path's usual ones. */
export interface TestAnswer {
  readonly status?: number;
  readonly body: string | Buffer;
  readonly headers?: OutgoingHttpHeaders;
  /** Closes the connection instead. */
  readonly cut?: true;
}

/** A stage for tests, with or without faults. */
export interface TestStage {
  readonly renditions: readonly TestRendition[];
  /** If this returns a response for a path, it replaces the stage's. */
  readonly override?: (path: string) => TestAnswer | undefined;
  readonly online?: () => boolean;
  /** Headers for a path, which replace the right ones; undefined leaves one out. */
  readonly headers?: (path: string) => OutgoingHttpHeaders;
}

const segmentEveryMs = 250;
// Several segments follow at once: so a probe soon knows that enough of them come.
const followAtOnce = 5;
const mostListed = 1200;

/** Serves a stage like Owncast. `change` replaces the stage from then on. */
export async function serveStage(
  stage: TestStage,
): Promise<{ url: string; change: (stage: TestStage) => void; close: () => void }> {
  let current = stage;
  const firstLooks = new Map<TestRendition, number>();
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? "/";
    const { status = 200, body, headers, cut } = respond(current, path, firstLooks);
    if (cut) return void request.socket.destroy();
    response.writeHead(status, { ...headersOf(path), ...current.headers?.(path), ...headers }).end(body);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change: (next) => {
      current = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function respond(
  { renditions, override, online = () => true }: TestStage,
  path: string,
  firstLooks: Map<TestRendition, number>,
): TestAnswer {
  const overridden = override?.(path);
  if (overridden) return overridden;
  if (path === "/api/status")
    return { body: JSON.stringify({ online: online(), serverTime: new Date().toISOString() }) };
  if (path === "/hls/stream.m3u8") return { body: masterOf(renditions) };
  if (path === "/") return { body: '<html><script src="/page.js"></script></html>' };
  if (path === "/page.js") return { body: "" };
  if (path === "/api/config") return { body: "{}" };
  const [, index, file = ""] = /^\/hls\/(\d+)\/(.+)$/.exec(path) ?? [];
  const rendition = renditions[Number(index ?? -1)];
  if (!rendition) return { status: 404, body: "not found" };
  if (file !== "stream.m3u8") {
    const place = places(rendition, mostListed).find((each) => nameOf(rendition, each) === file);
    const segment = place === undefined ? undefined : (rendition.segments[place] ?? rendition.segments.at(-1));
    return segment ? { body: segment } : { status: 404, body: "not found" };
  }
  const since = firstLooks.get(rendition) ?? performance.now();
  firstLooks.set(rendition, since);
  const text = mediaOf(rendition, 1 + Math.floor((performance.now() - since) / segmentEveryMs));
  return { body: rendition.playlist?.(text) ?? text };
}

/** The headers that Owncast and Caddy send. */
function headersOf(path: string): OutgoingHttpHeaders {
  const any = { "access-control-allow-origin": "*" };
  if (path.endsWith(".m3u8")) return { ...any, "content-type": "application/x-mpegURL", "cache-control": "no-cache" };
  if (path.endsWith(".ts"))
    return { ...any, "content-type": "video/mp2t", "cache-control": "public, max-age=31557600" };
  if (path.endsWith(".js")) return { "content-type": "text/javascript" };
  return { "content-type": path === "/" ? "text/html; charset=utf-8" : "application/json" };
}

const nameOf = ({ segmentName = (index) => `stream-abc-${index}.ts` }: TestRendition, index: number) =>
  segmentName(index);

const masterOf = (renditions: readonly TestRendition[]): string =>
  `#EXTM3U\n#EXT-X-VERSION:6\n${renditions
    .map(
      ({ width, height }, index) =>
        `#EXT-X-STREAM-INF:BANDWIDTH=${800_000 - index},RESOLUTION=${width}x${height}\n${index}/stream.m3u8\n`,
    )
    .join("\n")}\n`;

/** The numbers of the segments that the playlist lists after so many steps. */
function places({ segments: { length }, goesOn = true }: TestRendition, steps: number): number[] {
  const following = goesOn && length > 0 ? Math.max(0, steps - length) * followAtOnce : 0;
  return Array.from({ length: Math.min(mostListed, Math.min(length, steps) + following) }, (_, place) => place);
}

const mediaOf = (rendition: TestRendition, steps: number): string =>
  [
    "#EXTM3U",
    "#EXT-X-VERSION:6",
    "#EXT-X-TARGETDURATION:1",
    `#EXT-X-MEDIA-SEQUENCE:${rendition.firstSequence ?? 0}`,
    ...places(rendition, steps).map((index) => `#EXTINF:1.000000,\n${nameOf(rendition, index)}`),
    "",
  ].join("\n");
