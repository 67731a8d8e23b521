import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { siteCertificates, testCertificates } from "../lib/process/certificates.ts";
import { edgeSites, type GoldenEdge, startGoldenEdge } from "../lib/site/golden-edge.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { rawRequest } from "../lib/site/raw-request.ts";

// An edge of the golden host before an origin that has every fault on demand. With real origins: an-edge-carries-a-stage.

if (!isExhaustive) noteLeftOut("4 of 40 cases of an edge before a faulty origin");

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const says =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers }).end(body);

const video = "video ".repeat(2000);
const whole = (number: number) => `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n# number ${number}\n`;

describe("an edge", needsNginx, () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-edge-"));
  const asked: IncomingMessage[] = [];
  const standard: Answer = ({ url = "" }, response) => {
    if (url.endsWith(".m3u8"))
      return says(200, whole(asked.length), { "cache-control": "public, max-age=1" })(asked[0]!, response);
    if (/\.(ts|vtt)$/.test(url))
      return says(200, video, { "content-type": "video/mp2t", etag: '"one"' })(asked[0]!, response);
    return says(200, `page of ${url}`)(asked[0]!, response);
  };
  let answer = standard;
  let origin: Server;
  let port: number;
  let edge: GoldenEdge;

  const listen = async (at = 0) => {
    const { certificate: cert, key } = siteCertificates;
    origin = createServer({ cert, key }, (request, response) => {
      asked.push(request);
      answer(request, response);
    }).listen(at, "127.0.0.1");
    await once(origin, "listening");
    ({ port } = origin.address() as AddressInfo);
  };
  const die = async () => {
    origin.close();
    origin.closeAllConnections();
    await once(origin, "close");
  };
  let number = 0;
  /** A path that the edge has never seen. */
  const fresh = (ending = "ts") => `/hls/0/stream-abc-${++number}.${ending}`;
  const freshList = () => `/hls/${++number}/stream.m3u8`;
  const askedFor = (path: string) => asked.filter(({ url }) => url === path).length;

  beforeAll(async () => {
    await listen();
    const caFile = join(folder, "origin.pem");
    writeFileSync(caFile, siteCertificates.authority);
    edge = await startGoldenEdge(join(folder, "edge"), { port, caFile });
    mkdirSync(edge.secretDir, { recursive: true });
  });
  afterEach(() => {
    answer = standard;
    asked.length = 0;
  });
  afterAll(async () => {
    await edge?.stop();
    if (origin?.listening) await die();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it("asks once for a segment that 200 viewers want at once, and gives each the whole", async () => {
    const path = fresh();
    answer = (request, response) => setTimeout(() => standard(request, response), 200);
    const bodies = await Promise.all(
      Array.from({ length: 200 }, async (_, at) => `${(await edge.get(`${path}?cachebust=${at}`)).body}`),
    );
    expect([askedFor(path), new Set(bodies)]).toEqual([1, new Set([video])]);
  });

  it("asks for a playlist at most once a second, whatever players add to its address", async () => {
    const path = freshList();
    const since = Date.now();
    while (Date.now() - since < 2500)
      await Promise.all(Array.from({ length: 20 }, (_, at) => edge.get(`${path}?cachebust=${Date.now()}${at}`)));
    expect(askedFor(path)).toBeGreaterThan(1);
    expect(askedFor(path)).toBeLessThanOrEqual(Math.ceil((Date.now() - since) / 1000) + 1);
  });

  it.runIf(isExhaustive)("gives a lone viewer the new playlist, not the one that it gave him last time", async () => {
    const path = freshList();
    const first = `${(await edge.get(path)).body}`;
    await sleep(2100);
    expect(`${(await edge.get(path)).body}`).not.toBe(first);
  });

  // nginx's own patience is 5 s.
  it.runIf(isExhaustive)("asks once for a segment that takes the origin 6 s", async () => {
    const path = fresh();
    answer = (request, response) => void setTimeout(() => standard(request, response), 6000);
    const bodies = await Promise.all(Array.from({ length: 5 }, async () => `${(await edge.get(path)).body}`));
    expect([askedFor(path), new Set(bodies)]).toEqual([1, new Set([video])]);
  });

  it("keeps the same path of two stages apart", async () => {
    const path = fresh();
    await edge.get(path);
    await edge.get(path, {}, edgeSites.video);
    expect(askedFor(path)).toBe(2);
  });

  it.each<[string, string, Answer]>([
    ["a playlist that is empty", "m3u8", says(200, "")],
    ["a segment that is empty, as Caddy's of an unknown site", "ts", says(200, "")],
    [
      "a segment that is incomplete, in the origin's own words",
      "ts",
      says(200, video, { "cache-control": "no-store" }),
    ],
    [
      "a segment that ends early",
      "ts",
      (_, response) => {
        response.writeHead(200, { "content-length": 5000 });
        response.write("half", () => response.destroy());
      },
    ],
    [
      "a playlist that ends early",
      "m3u8",
      (_, response) => {
        response.writeHead(200, { "content-length": 5000 });
        response.write("#EXTM3U", () => response.destroy());
      },
    ],
    ["a private stage's segment", "ts", says(200, video, { "cache-control": "private, max-age=31557600" })],
    ["a private stage's playlist", "m3u8", says(200, whole(7), { "cache-control": "private" })],
  ])("never keeps %s", async (_, ending, fault) => {
    const path = ending === "ts" ? fresh() : freshList();
    answer = fault;
    await edge.get(path).catch(() => {});
    answer = standard;
    const { status, body } = await edge.get(path);
    expect([
      status,
      ending === "ts" ? `${body}` === video : `${body}`.startsWith(whole(2).slice(0, 40)),
      askedFor(path),
    ]).toEqual([200, true, 2]);
  });

  // Not `runIf`: the group's own `skip` would decide for the test.
  if (isExhaustive)
    it("keeps Owncast's 404 of 19 bytes for a playlist, and at most for about a second", async () => {
      const path = freshList();
      answer = says(404, "404 page not found\n");
      for (let times = 0; times < 10; times++) expect((await edge.get(path)).status).toBe(404);
      // A second may end meanwhile.
      expect(askedFor(path)).toBeLessThanOrEqual(2);
      answer = standard;
      await sleep(2000);
      expect((await edge.get(path)).status).toBe(200);
    });

  it("gives no viewer the cookie that the origin set for another one", async () => {
    answer = says(200, video, { "set-cookie": "session=of-the-first", vary: "Cookie" });
    for (const path of [fresh(), freshList(), "/api/status", "/api/ping"])
      for (let viewer = 0; viewer < 2; viewer++)
        expect([path, (await edge.get(path)).headers["set-cookie"]]).toEqual([path, undefined]);
  });

  if (isExhaustive)
    it("asks for the status once, also if the crowd asks while the answer is on its way", async () => {
      await edge.get("/api/status");
      await sleep(2100);
      asked.length = 0;
      answer = (_, response) => void setTimeout(() => says(200, "status")(asked.at(-1)!, response), 400);
      await Promise.all(Array.from({ length: 20 }, () => edge.get("/api/status")));
      expect(askedFor("/api/status")).toBe(1);
    });

  it("keeps no 404 for a segment: whoever asks too early harms no crowd, which still costs one request", async () => {
    const path = fresh();
    answer = says(404, "404 page not found\n");
    expect((await edge.get(path)).status).toBe(404);
    answer = (_, response) => void setTimeout(() => says(200, video)(asked.at(-1)!, response), 400);
    const crowd = Array.from({ length: 20 }, async (_, at) => {
      await sleep(10 * at);
      return (await edge.get(path)).status;
    });
    expect([...new Set(await Promise.all(crowd)), askedFor(path)]).toEqual([200, 2]);
  });

  it("keeps no other error", async () => {
    for (const status of [403, 404, 500, 503]) {
      const path = fresh();
      answer = says(status, "no");
      expect((await edge.get(path)).status).toBe(status);
      answer = standard;
      expect((await edge.get(path)).status).toBe(200);
    }
  });

  it("asks the origin by its own name, and shows viewers' addresses, but neither their passwords nor their cookies", async () => {
    const secrets = {
      authorization: "Basic abc",
      cookie: "a=b",
      "x-forwarded-for": "192.0.2.66",
      "lectern-edge": "forged",
      // Owncast would compress the video, for each kind of viewer anew.
      "accept-encoding": "gzip, zstd, br",
    };
    const sent = { "x-forwarded-for": "127.0.0.1", "lectern-edge": "unproven", "accept-encoding": "identity" };
    for (const path of [fresh(), freshList()]) {
      await edge.get(path, secrets);
      const { headers } = asked.at(-1)!;
      expect(headers).toMatchObject({ host: "one.test", ...sent });
      expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined]);
    }
  });

  it("asks once for a segment of which the origin says that it varies with the viewer", async () => {
    const path = fresh();
    answer = says(200, video, { vary: "Accept-Encoding, Origin, User-Agent" });
    for (const encoding of ["gzip", "zstd, br"])
      expect(`${(await edge.get(path, { "accept-encoding": encoding, "user-agent": encoding })).body}`).toBe(video);
    expect(askedFor(path)).toBe(1);
  });

  it("promises nothing in the origin's name: no HTTP/3, and no TLS for a year", async () => {
    const promises = { "alt-svc": 'h3=":443"; ma=2592000', "strict-transport-security": "max-age=31536000" };
    for (const path of [fresh(), freshList(), "/api/status", "/api/ping", "/"]) {
      answer = says(200, path.endsWith(".m3u8") ? whole(1) : video, promises);
      const { status, headers } = await edge.get(path, { "user-agent": "another" });
      expect([path, status, headers["alt-svc"], headers["strict-transport-security"]]).toEqual([
        ...[path, 200, "clear"],
        undefined,
      ]);
    }
  });

  it("shows the origin the secret that its unit writes, and nobody else gets it", async () => {
    const secret = "s".repeat(43);
    writeFileSync(join(edge.secretDir, "door.nginx"), `"" ${secret};\n`);
    await reloaded();
    const answers = [];
    for (const path of [fresh(), freshList(), "/", "/api/status"]) {
      answers.push(await edge.get(path));
      expect(asked.at(-1)?.headers["lectern-edge"]).toBe(secret);
    }
    const told = answers.map(({ headers, body }) => `${JSON.stringify(headers)}${body}`).join();
    expect(told + readFileSync(edge.accessLog, "utf8") + readFileSync(edge.logFile, "utf8")).not.toContain(secret);
  });

  it("answers 304 to a player that has a segment already, and ranges of it", async () => {
    const path = fresh();
    await edge.get(path);
    expect((await edge.get(path, { "if-none-match": '"one"' })).status).toBe(304);
    const { status, headers, body } = await edge.get(path, { range: "bytes=6-10" });
    expect([status, headers["content-range"], `${body}`]).toEqual([206, `bytes 6-10/${video.length}`, "video"]);
    const other = fresh("vtt");
    expect(`${(await edge.get(other, { range: "bytes=0-4" })).body}`).toBe("video");
    expect(`${(await edge.get(other)).body}`).toBe(video);
    expect([askedFor(path), askedFor(other)]).toEqual([1, 1]);
  });

  it("gives an unknown name nothing, and asks the origin nothing for it", async () => {
    for (const host of ["unknown.test", "one.test"]) {
      const request = `GET ${fresh()} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      expect((await rawRequest({ port: edge.port, site: edgeSites.full }, [request])).status).toBe(421);
    }
    expect(asked).toEqual([]);
  });

  it.each(["/admin", "/ADMIN/", "/api/admin/status", "/api/admin/../admin/x", "/%61dmin/", "//admin"])(
    "closes %s",
    async (path) => {
      const { status } = await rawRequest({ port: edge.port, site: edgeSites.full }, [
        `GET ${path} HTTP/1.1\r\nHost: ${edgeSites.full}\r\n\r\n`,
      ]);
      expect([status, asked]).toEqual([404, []]);
    },
  );

  // nginx reads `/x` here, and passed the whole to the origin, which may read another path, such as the admin page's.
  it.each(["/x#/../admin/", "/#/../api/admin/status", "/hls/0/stream.m3u8#/../../../admin/", "/ws#/../admin/"])(
    "passes on no path that ends where it should not: %s",
    async (path) => {
      const { status } = await rawRequest({ port: edge.port, site: edgeSites.full }, [
        `GET ${path} HTTP/1.1\r\nHost: ${edgeSites.full}\r\n\r\n`,
      ]);
      expect([status, asked.map(({ url }) => url)]).toEqual([400, []]);
    },
  );

  it("of the video alone serves nothing else", async () => {
    for (const path of ["/", "/api/status", "/ws", "/admin"])
      expect((await edge.get(path, {}, edgeSites.video)).status).toBe(404);
    expect(asked).toEqual([]);
    expect((await edge.get(fresh(), {}, edgeSites.video)).status).toBe(200);
  });

  it("tells that it lives, and nothing of the origin", async () => {
    const { status, headers, body } = await edge.get("/.well-known/lectern-edge");
    expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(`${body}`).toMatch(/^edge: \d+ connections\n$/);
    expect(asked).toEqual([]);
  });

  it("costs the origin one ping of a viewer in 10 s, one status a second, and each viewer's own ping", async () => {
    const since = Date.now();
    for (let times = 0; times < 5; times++)
      for (const agent of ["one", "two"]) {
        await edge.get("/api/ping", { "user-agent": agent });
        await edge.get("/api/status", { "user-agent": agent });
      }
    const seconds = (Date.now() - since) / 1000;
    expect(asked.filter(({ url }) => url === "/api/ping").map(({ headers }) => headers["user-agent"])).toEqual([
      "one",
      "two",
    ]);
    expect(askedFor("/api/status")).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  });

  it("logs no token and no viewer's whole address", async () => {
    await edge.get("/some/page?accessToken=SECRET");
    await expect.poll(() => readFileSync(edge.accessLog, "utf8")).toContain('"uri":"/some/page"');
    const log = readFileSync(edge.accessLog, "utf8");
    expect(log).toContain('"remote_ip":"127.0.0.0"');
    expect(log + readFileSync(edge.logFile, "utf8")).not.toMatch(/SECRET|127\.0\.0\.1"/);
    // Refused requests are no video: a name that is not the edge's, a path with a sign that ends it.
    const isVideo = (line: string) => line.includes("/hls/") && !/"status":4(00|21)/.test(line);
    const videoLines = log.split("\n").filter(isVideo);
    expect(videoLines).toEqual([]);
  });

  it("keeps its cache over a restart, readable for nobody else", async () => {
    const path = fresh();
    await edge.get(path);
    await edge.restart();
    await edge.get(path);
    expect(askedFor(path)).toBe(1);
    expect(statSync(edge.cacheDir).mode & 0o077 || readdirSync(edge.cacheDir).length).toBeGreaterThan(0);
  });

  it("whose origin is dead serves what it has, says so where it has nothing, and is fresh within 2 s of the return", async () => {
    const [list, segment] = [freshList(), fresh()];
    const before = `${(await edge.get(list)).body}`;
    await edge.get(segment);
    await die();
    await sleep(2100);
    expect(`${(await edge.get(list)).body}`).toBe(before);
    expect(`${(await edge.get(segment)).body}`).toBe(video);
    for (const path of [fresh(), freshList(), "/api/status"]) {
      const { status, body, headers } = await edge.get(path);
      expect([status, `${body}`, headers["cache-control"]]).toEqual([
        503,
        "The stage does not answer right now.",
        "no-store",
      ]);
    }
    const page = await edge.get("/", { accept: "text/html" });
    expect([page.status, `${page.body}`.includes("Back in a moment")]).toEqual([503, true]);
    await listen(port);
    const since = Date.now();
    await expect.poll(async () => `${(await edge.get(list)).body}`, { interval: 50 }).not.toBe(before);
    expect(Date.now() - since).toBeLessThan(2000);
  });

  const failures = [
    ["is dead", die, () => listen(port)],
    [
      "hangs",
      async () => {
        answer = () => {};
      },
      async () => {},
    ],
  ] as const;
  it.each(isExhaustive ? failures : [])(
    "whose origin %s serves an old playlist for its stated time only",
    { timeout: 60_000 },
    async (_, break_, mend) => {
      const texts = {
        "stale-while-revalidate=30": "stale-while-revalidate=3",
        "proxy_read_timeout 5s": "proxy_read_timeout 1s",
      };
      const caFile = join(folder, "origin.pem");
      const short = await startGoldenEdge(mkdtempSync(join(folder, "short-")), { port, caFile, texts });
      try {
        const list = freshList();
        await short.get(list);
        await break_();
        const since = Date.now();
        const statuses = new Map<number, number>();
        const view = async () => {
          for (let status = 200; status === 200 && Date.now() - since < 40_000; await sleep(100)) {
            const asked = Date.now();
            ({ status } = await short.get(list));
            // Of several viewers only one waits for the origin.
            statuses.set(status, asked - since);
          }
        };
        await Promise.all([view(), view(), view()]);
        expect([...statuses.keys()].sort()).toEqual([200, 503]);
        expect(statuses.get(503)).toBeGreaterThan(3000);
        // A second for the playlist itself, and one answer that the edge waits for.
        expect(statuses.get(503)).toBeLessThan(15_000);
      } finally {
        await short.stop();
        await mend();
      }
    },
  );

  it("of an origin with two addresses keeps no fault either, although one of them is dead", async () => {
    const server = `server 127.0.0.1:${port} max_fails=0;`;
    // nginx asks both in turn, and names both statuses, as in `502, 200`. Nobody listens at port 1.
    const texts = { [server]: `server 127.0.0.1:1 max_fails=0; ${server}` };
    const torn = { "cache-control": "no-store" };
    const halfDead = await startGoldenEdge(join(folder, "half-dead"), {
      port,
      caFile: join(folder, "origin.pem"),
      texts,
    });
    try {
      for (const fault of [says(200, ""), says(200, video, torn)])
        for (let times = 0; times < 4; times++) {
          const path = fresh();
          answer = fault;
          await halfDead.get(path);
          answer = standard;
          await halfDead.get(path);
          expect(askedFor(path)).toBe(2);
          // An odd number of requests, so that each address gets the fault first.
          await halfDead.get(fresh());
        }
      // Whole ones are kept all the same.
      for (let times = 0; times < 4; times++) {
        const [segment, list] = [fresh(), freshList()];
        for (const path of [segment, segment, list, list, list, list])
          expect((await halfDead.get(path)).status).toBe(200);
        expect(askedFor(segment)).toBe(1);
        // A second may end meanwhile.
        expect(askedFor(list)).toBeLessThanOrEqual(2);
      }
      const list = freshList();
      answer = says(302, "x".repeat(100), { location: "/elsewhere" });
      await halfDead.get(list);
      await halfDead.get(list);
      expect(askedFor(list)).toBe(2);
    } finally {
      await halfDead.stop();
    }
  });

  it("never serves an origin with another certificate", async () => {
    const caFile = join(folder, "stranger.pem");
    writeFileSync(caFile, testCertificates.authority);
    const deceived = await startGoldenEdge(join(folder, "deceived"), { port, caFile });
    try {
      for (const path of [fresh(), freshList(), "/"]) expect((await deceived.get(path)).status).toBe(503);
    } finally {
      await deceived.stop();
    }
    expect(asked).toEqual([]);
  });

  it("never serves an origin whose certificate is for another name", async () => {
    const caFile = join(folder, "origin.pem");
    const texts = { "proxy_ssl_name one.test": "proxy_ssl_name stage.test" };
    const deceived = await startGoldenEdge(join(folder, "misnamed"), { port, caFile, texts });
    try {
      for (const path of [fresh(), freshList(), "/"]) expect((await deceived.get(path)).status).toBe(503);
    } finally {
      await deceived.stop();
    }
    expect(asked).toEqual([]);
  });

  async function reloaded(): Promise<void> {
    const [program = "", ...args] = edge.reload();
    const { execFile } = await import("node:child_process");
    await new Promise<void>((resolve, reject) => {
      execFile(program, args, (error) => (error ? reject(error) : resolve()));
    });
  }
});
