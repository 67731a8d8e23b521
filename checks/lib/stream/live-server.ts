import { once } from "node:events";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { testCertificates } from "../process/certificates.ts";

/** A live stage over HTTP/2 with every fault on demand. Each field may change while it runs. */
export interface LiveServer {
  readonly url: string;
  token: string;
  /** What the permission answers in place of 204 or 401. */
  permission: number | undefined;
  statusCode: number;
  /** Requests for such paths get no response. */
  silent: RegExp | undefined;
  online: boolean;
  /** The playlists say that the stream is over, or stay as they are. */
  ended: boolean;
  frozen: boolean;
  /** The next playlists are torn. */
  torn: number;
  renditions: readonly { readonly height: number; readonly kbps: number }[];
  segmentSeconds: number;
  /** How long a segment takes to be sent, as a share of its length. */
  segmentShare: number;
  segmentStatus: number;
  segmentEncoding: string | undefined;
  /** Where segments are; empty: beside the playlist. */
  segmentPrefix: string;
  /** As the stage calls itself. */
  stageName: string;
  /** The test's own response; undefined for the usual one. */
  special: ((path: string, answer: Http2ServerResponse) => true | undefined) | undefined;
  /** Nobody may join the chat; or messages reach nobody. */
  chatStatus: number;
  chatSilent: boolean;
  /** `GET /path` of each request, without the query. */
  readonly requests: string[];
  /** When each request came, in ms. */
  readonly times: number[];
  readonly userAgents: Set<string>;
  readonly connections: () => number;
  stop(): Promise<void>;
}

const listSize = 5;

/** Starts it on loopback with the tests' certificate for stage.test. */
export async function startLiveServer(): Promise<LiveServer> {
  const beganMs = Date.now() - 60_000;
  let open = 0;
  const live = {
    token: "a-token-for-rehearsals-in-tests",
    permission: undefined,
    statusCode: 200,
    silent: undefined,
    online: true,
    ended: false,
    frozen: false,
    torn: 0,
    renditions: [{ height: 720, kbps: 400 }],
    segmentSeconds: 1,
    segmentShare: 0,
    segmentStatus: 200,
    segmentEncoding: undefined,
    segmentPrefix: "",
    stageName: "",
    special: undefined,
    chatStatus: 200,
    chatSilent: false,
    requests: [] as string[],
    times: [] as number[],
    userAgents: new Set<string>(),
    connections: () => open,
  } as Omit<LiveServer, "url" | "stop">;
  let frozenAt: number | undefined;
  const number = () => {
    const now = Math.floor((Date.now() - beganMs) / 1000 / live.segmentSeconds);
    frozenAt = live.frozen ? (frozenAt ?? now) : undefined;
    return frozenAt ?? now;
  };
  const media = (): string => {
    const newest = number();
    const lines = Array.from({ length: listSize }, (_, at) => newest - listSize + at).flatMap((each) => [
      `#EXTINF:${live.segmentSeconds.toFixed(6)},`,
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(beganMs + each * live.segmentSeconds * 1000).toISOString()}`,
      `${live.segmentPrefix}stream-live-${each}.ts`,
    ]);
    const head = [
      "#EXTM3U",
      `#EXT-X-TARGETDURATION:${Math.ceil(live.segmentSeconds)}`,
      `#EXT-X-MEDIA-SEQUENCE:${newest - listSize}`,
    ];
    return [...head, ...lines, ...(live.ended ? ["#EXT-X-ENDLIST"] : []), ""].join("\n");
  };
  const master = (): string =>
    [
      "#EXTM3U",
      ...live.renditions.flatMap(({ height, kbps }, place) => [
        `#EXT-X-STREAM-INF:BANDWIDTH=${kbps * 1000},RESOLUTION=${Math.round((height * 16) / 9)}x${height}`,
        `${place}/stream.m3u8`,
      ]),
      "",
    ].join("\n");
  const whole = (text: string): string => {
    if (live.torn <= 0) return text;
    live.torn -= 1;
    return "";
  };
  const sendSegment = async (place: number, answer: Http2ServerResponse) => {
    if (live.segmentStatus !== 200) return void answer.writeHead(live.segmentStatus).end();
    const bytes = ((live.renditions[place]?.kbps ?? 0) * 1000 * live.segmentSeconds) / 8;
    answer.writeHead(200, {
      "content-type": "video/mp2t",
      ...(live.segmentEncoding !== undefined && { "content-encoding": live.segmentEncoding }),
    });
    answer.write(Buffer.alloc(bytes / 2));
    await sleep(live.segmentShare * live.segmentSeconds * 1000);
    answer.end(Buffer.alloc(bytes / 2));
  };
  const respond = async (request: Http2ServerRequest, answer: Http2ServerResponse) => {
    const path = request.url.split("?")[0]!;
    live.requests.push(`${request.method} ${path}`);
    live.times.push(performance.now());
    if (live.silent?.test(path) || live.special?.(path, answer)) return;
    const text = (type: string, body: string) => void answer.writeHead(200, { "content-type": type }).end(body);
    if (path === "/.well-known/lectern-rehearsal") {
      const allowed = request.headers["lectern-rehearsal"] === live.token;
      return void answer.writeHead(live.permission ?? (allowed ? 204 : 401)).end();
    }
    live.userAgents.add(`${request.headers["user-agent"]}`);
    const list = /^\/hls\/(\d)\/stream\.m3u8$/.exec(path);
    const segment = /^\/hls\/(\d)\/stream-live-\d+\.ts$/.exec(path);
    if (path === "/hls/stream.m3u8") return text("application/x-mpegURL", whole(master()));
    if (list) return text("application/x-mpegURL", whole(media()));
    if (segment) return sendSegment(Number(segment[1]), answer);
    if (path === "/api/status") {
      if (live.statusCode !== 200) return void answer.writeHead(live.statusCode).end();
      return text("application/json", JSON.stringify({ online: live.online, serverTime: new Date().toISOString() }));
    }
    if (path === "/api/chat/register") {
      if (live.chatStatus !== 200) return void answer.writeHead(live.chatStatus).end();
      return text("application/json", JSON.stringify({ accessToken: `token-${live.requests.length}` }));
    }
    if (path === "/api/config") return text("application/json", JSON.stringify({ name: live.stageName }));
    if (path === "/") return text("text/html", `<script src="/a.js"></script><link rel="stylesheet" href="/b.css">`);
    text("text/plain", "fine");
  };
  const { key, certificate: cert } = testCertificates;
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, answer) => {
    answer.stream?.on("error", () => {});
    void respond(request, answer).catch(() => {});
  });
  const chat = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (!request.url?.startsWith("/ws?accessToken=token-")) return socket.destroy();
    chat.handleUpgrade(request, socket, head, (joined) => {
      joined.on("message", (data) => {
        const { body } = JSON.parse(String(data)) as { body: string };
        if (!live.chatSilent) for (const each of chat.clients) each.send(JSON.stringify({ type: "CHAT", body }));
      });
    });
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    open += 1;
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => {
      open -= 1;
      sessions.delete(session);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return Object.assign(live, {
    url: `https://stage.test:${port}`,
    async stop() {
      for (const each of chat.clients) each.terminate();
      for (const session of sessions) session.destroy();
      const closed = once(server, "close");
      server.close();
      (server as unknown as { closeAllConnections?: () => void }).closeAllConnections?.();
      await closed;
    },
  });
}
