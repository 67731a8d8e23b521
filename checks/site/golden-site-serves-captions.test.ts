import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { captions, captionsPush, edges } from "../../codegen/site/rules.ts";
import { unshownPath, writeTracks } from "../../src/lib/captions-tracks.ts";
import { type CaptionsServer, startPushServer } from "../../src/services/captions/push-server.ts";
import type { PushInbox } from "../../src/services/captions/push-source.ts";
import { startKeeperService } from "../../src/services/keeper/keeper-service.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { TestFolder } from "../lib/keeper/model-folder.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { cacheIn, type GoldenFront } from "../lib/site/front.ts";
import { type GoldenEdge, startGoldenEdge } from "../lib/site/golden-edge.ts";
import { needsNginx, onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import { dial, rawRequest } from "../lib/site/raw-request.ts";

const name = "one.test";
const vtt = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\n00:00.000 --> 00:02.000\nGood evening.\n";
const there = "/hls/captions/en/stream-s1-x-0.vtt";
const token = "the-token-of-a-captioner";

test("the front's file without captions is longer than what an edge takes for torn, and whole", () => {
  expect(Buffer.byteLength(captions.none.text)).toBeGreaterThan(edges.leastBytes);
  expect(captions.none.text).toMatch(/^WEBVTT\n\nNOTE .*\n$/);
});

onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-captions-"));
  const cache = join(cacheIn(folder), "main");
  const transcripts = join(folder, "transcripts");
  const pushed: { readonly request: IncomingMessage; readonly body: string }[] = [];
  const toOwncast: string[] = [];
  const owncast = createServer(({ url = "" }, response) => {
    toOwncast.push(url);
    response.writeHead(404, { "Content-Type": "text/html" }).end("<html>Owncast's page</html>");
  });
  const service = createServer((request, response) => {
    void text(request).then(
      (body) => {
        pushed.push({ request, body });
        response.writeHead(request.headers.authorization === `Bearer ${token}` ? 204 : 401).end();
      },
      () => {},
    );
  });
  const stage = new TestFolder();
  let serving: NodeJS.Timeout;
  let keeper: Awaited<ReturnType<typeof startKeeperService>>;
  let site: GoldenFront;

  beforeAll(async () => {
    const captionsDir = join(cache, "captions");
    for (const each of ["hls/0", "hls-kept/0", "captions/en", "captions/pt-BR"])
      mkdirSync(join(cache, each), { recursive: true });
    mkdirSync(transcripts);
    const put = (file: string, content = vtt) => writeFileSync(join(cache, file), content);
    put("captions/en/stream-s1-x-0.vtt");
    put("captions/en/stream-s1-x-1.vtt.new");
    put("captions/tracks.json", "{}");
    put("captions/en/secret.txt", "secret");
    put("secret.vtt", "secret");
    symlinkSync(join(cache, "secret.vtt"), join(captionsDir, "en/stream-s1-x-5.vtt"));
    writeFileSync(join(transcripts, "20261130T084752Z-en.vtt"), vtt);
    writeFileSync(join(transcripts, "20261130T084752Z-en.srt"), "1\n00:00:00,000 --> 00:00:02,000\nGood evening.\n");
    writeFileSync(join(transcripts, "20261130T084752Z-en.txt"), "[00:00:00] Good evening.\n");
    writeFileSync(join(transcripts, "session.json"), "secret");
    stage.owncast.connect(1, 2, 5);
    for (let count = 0; count < 4; count++) stage.owncast.segment();
    stage.write();
    const serve = () => writeTracks(captionsDir, { trailSegments: 2, tracks: [{ language: "en", name: "English" }] });
    serve();
    serving = setInterval(serve, 500);
    const owncastAddress = await listen(owncast);
    const socket = join(folder, "keeper.sock");
    const options = { owncast: `http://${owncastAddress}`, hlsDir: stage.hlsDir, keptDir: stage.keptDir };
    const more = { listen: `unix:${socket}`, graceSeconds: 30, captionsDir, say: () => {} };
    keeper = await startKeeperService({ ...options, ...more });
    const push = join(folder, "push.sock");
    service.listen(push);
    await once(service, "listening");
    const places = {
      "/run/captions-main/front/push.sock": push,
      "/run/lectern/main-keeper.sock": socket,
      "/var/lib/captions-main/transcripts": transcripts,
      "127.0.0.1:8080": owncastAddress,
    };
    site = await startGoldenFront(front, "one-captions", { folder, sites: [name], places });
  });
  afterAll(async () => {
    clearInterval(serving);
    await site?.stop();
    await keeper?.stop();
    for (const server of [owncast, service]) {
      server.close();
      server.closeAllConnections();
    }
    stage.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const { status, headers: told, body } = await site.get(name, path, headers);
    return { status, told, body: body.toString() };
  };
  const raw = (method: string, path: string, more = "", body = "") =>
    rawRequest({ port: site.ports.https, site: name }, [
      `${method} ${path} HTTP/1.1\r\nhost: ${name}:${site.ports.https}\r\n${more}\r\n${body}`,
    ]);

  test("a player finds the tracks in the master, and the playlist of each at the keeper", async () => {
    expect((await get("/hls/stream.m3u8")).body).toContain('URI="captions/en/stream.m3u8"');
    const { status, told } = await get("/hls/captions/en/stream.m3u8?cachebust=1");
    expect([status, told["content-type"], told["cache-control"], told["access-control-allow-origin"]]).toEqual([
      ...[200, "application/x-mpegURL", "public, max-age=1", "*"],
    ]);
    // The others have no captions, and are waited for.
    const listed = async () => (await get("/hls/captions/en/stream.m3u8")).body.match(/^stream-.*$/gm);
    await expect.poll(listed, { timeout: 20_000 }).toEqual(["stream-s1-x-0.vtt", "stream-s1-x-1.vtt"]);
    for (const method of ["POST", "PUT", "DELETE"])
      expect([method, (await raw(method, "/hls/captions/en/stream.m3u8")).status]).toEqual([method, 405]);
  });

  test("the list of segments that wait for their captions is for the captions service alone", async () => {
    for (const path of [unshownPath, `/hls${unshownPath}`, `/hls/..${unshownPath}`]) {
      const { status, body } = await get(path);
      expect([path, status, body.includes("#EXTM3U")]).toEqual([path, 404, false]);
    }
  });

  test("a track that never was is not found, whoever answers", async () => {
    expect((await get("/hls/captions/fr/stream.m3u8")).status).toBe(404);
    expect((await get("/hls/captions/EN/stream.m3u8")).status).toBe(404);
  });

  const whole = [200, "public, max-age=31557600", "text/vtt; charset=utf-8", "*", undefined, vtt];
  const none = [200, "no-store", "text/vtt; charset=utf-8", "*", undefined, captions.none.text];
  test.each([
    ["that is there", there, whole],
    ["that is not there yet", "/hls/captions/en/stream-s1-x-1.vtt", none],
    ["of a track without a folder", "/hls/captions/fr/stream-s1-x-0.vtt", none],
    ["of Owncast's clip", "/hls/captions/en/stream-offline-7.vtt", none],
  ])("a file %s comes with the right headers for caches and for players on other pages", async (_, path, told) => {
    const { status, told: headers, body } = await get(path, { "accept-encoding": "zstd, gzip" });
    const names = ["cache-control", "content-type", "access-control-allow-origin", "content-encoding"];
    expect([status, ...names.map((one) => headers[one]), body]).toEqual(told);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    const head = await raw("HEAD", path);
    expect([head.status, head.headers["cache-control"]]).toEqual([200, [told[1]]]);
  });

  test("a player may ask for a part of a file, or whether it has changed", async () => {
    const { status, body } = await get(there, { range: "bytes=0-5" });
    expect([status, body]).toEqual([206, "WEBVTT"]);
    const { etag } = (await get(there)).told;
    expect((await get(there, { "if-none-match": `${etag}` })).status).toBe(304);
  });

  test("files are for reading alone", async () => {
    for (const path of [there, "/hls/captions/en/stream-s1-x-9.vtt"])
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const { status, headers } = await raw(method, path);
        expect([method, path, status, headers.allow]).toEqual([method, path, 405, ["GET, HEAD"]]);
      }
  });

  test.each([
    "/hls/captions/tracks.json",
    "/hls/captions/en/secret.txt",
    "/hls/captions/en/stream-s1-x-1.vtt.new",
    "/hls/captions/en/../../secret.vtt",
    "/hls/captions/en/..%2f..%2fsecret.vtt",
    "/hls/captions/%2e%2e/secret.vtt",
    "/hls/captions/en/stream-..%2f..%2fsecret-1.vtt",
    "/hls/captions//en/stream-s1-x-0.vtt/../../../secret.vtt",
    "/hls/captions/en/stream-s1-x-0.vtt%0a",
    "/hls/captions/en/stream-s1-x-0.vtt%00.vtt",
    "/transcripts/session.json",
    "/transcripts/",
    "/transcripts/../captions/en/secret.txt",
    "/transcripts/20261130T084752Z-en.vtt%2f..%2fsession.json",
  ])("%s leads to no file", async (path) => {
    const socket = dial({ port: site.ports.https, site: name });
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${name}:${site.ports.https}\r\nconnection: close\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(answer).not.toMatch(/secret|Good evening/);
  });

  // Caddy has no setting for links.
  if (front === "nginx")
    test("a link in the folder of captions leads nowhere", async () => {
      expect((await get("/hls/captions/en/stream-s1-x-5.vtt")).body).toBe(captions.none.text);
    });

  describe("by an edge", needsNginx, () => {
    let edge: GoldenEdge;
    beforeAll(async () => {
      edge = await startGoldenEdge(join(folder, "edge"), { port: site.ports.https, caFile: site.caFile });
    });
    afterAll(() => edge?.stop());
    const byEdge = async (path: string) => {
      const { status, headers, body } = await edge.get(path);
      return [status, headers["x-cache"], headers["cache-control"], body.toString()];
    };

    test("a file that is there is fetched once for all viewers", async () => {
      const told = ["public, max-age=31557600", vtt];
      expect(await byEdge(there)).toEqual([200, "MISS", ...told]);
      expect(await byEdge(there)).toEqual([200, "HIT", ...told]);
    });

    test("a file that is not there yet is no error, and is not kept in its place", async () => {
      const path = "/hls/captions/en/stream-s1-x-3.vtt";
      const without = [200, "MISS", "no-store", captions.none.text];
      expect([await byEdge(path), await byEdge(path)]).toEqual([without, without]);
      writeFileSync(join(cache, path.replace("/hls/", "")), vtt);
      expect([(await byEdge(path)).at(-1), (await byEdge(path))[1]]).toEqual([vtt, "HIT"]);
      rmSync(join(cache, path.replace("/hls/", "")));
    });

    test("a track's playlist is the keeper's", async () => {
      const [status, , lifetime, body] = await byEdge("/hls/captions/en/stream.m3u8");
      expect([status, lifetime]).toEqual([200, "public, max-age=1"]);
      expect(`${body}`.match(/^stream-.*$/gm)).toEqual(["stream-s1-x-0.vtt", "stream-s1-x-1.vtt"]);
    });
  });

  test("a captioner's text reaches the captions service, with its token", async () => {
    const sent = "Guten Abend. Grüße!";
    const length = Buffer.byteLength(sent);
    const answer = await raw(
      "POST",
      "/captions/de",
      `authorization: Bearer ${token}\r\ncontent-type: text/plain\r\nx-forwarded-for: 192.0.2.7\r\nx-forwarded-user: admin\r\ncontent-length: ${length}\r\n`,
      sent,
    );
    expect([answer.status, answer.headers["cache-control"]]).toEqual([204, ["no-store"]]);
    const { request, body } = pushed.at(-1)!;
    expect([request.method, request.url, body]).toEqual(["POST", "/captions/de", sent]);
    expect(request.headers).toMatchObject({ authorization: `Bearer ${token}`, "x-forwarded-for": "127.0.0.1" });
    expect(request.headers["x-forwarded-user"]).toBeUndefined();
    expect((await raw("POST", "/captions/de", "content-length: 2\r\n", "no")).status).toBe(401);
  });

  test("the captions service gets no long text, no other method and no other path", async () => {
    const before = pushed.length;
    const { bytes } = captionsPush.body;
    const post = (length: number) =>
      raw("POST", "/captions/de", `content-length: ${length}\r\nconnection: close\r\n`, "x".repeat(length));
    for (const length of [bytes + 1, 2048, 3000, 100_001])
      expect([length, (await post(length)).status]).toEqual([length, 413]);
    const chunked = `${(9000).toString(16)}\r\n${"x".repeat(9000)}\r\n0\r\n\r\n`;
    const long = await raw("POST", "/captions/de", "transfer-encoding: chunked\r\nconnection: close\r\n", chunked);
    expect(long.status).toBeGreaterThanOrEqual(400);
    for (const method of ["GET", "PUT", "OPTIONS"]) {
      const { status, headers } = await raw(method, "/captions/de");
      expect([method, status, headers.allow]).toEqual([method, 405, ["POST"]]);
    }
    for (const path of ["/captions/", "/captions/DE", "/captions/de/", "/captions/de/x", "/captions/..%2fde"])
      await raw("POST", path, "content-length: 1\r\n", "x");
    expect(pushed.length).toBe(before);
    expect((await post(bytes)).status).toBe(401);
    expect(pushed.at(-1)?.body.length).toBe(bytes);
  });

  test("a published transcript is served as text that no cache keeps, and no other file of its folder", async () => {
    for (const [ending, type, start] of [
      ["vtt", "text/vtt; charset=utf-8", "WEBVTT"],
      ["srt", "text/plain; charset=utf-8", "1\n"],
      ["txt", "text/plain; charset=utf-8", "[00"],
    ] as const) {
      const { status, told, body } = await get(`/transcripts/20261130T084752Z-en.${ending}`);
      expect([status, told["content-type"], told["cache-control"]]).toEqual([200, type, "no-store"]);
      expect(body.startsWith(start)).toBe(true);
    }
    const missing = await get("/transcripts/20261130T084752Z-fr.txt");
    expect([missing.status, missing.body, missing.told["cache-control"]]).toEqual([
      404,
      "No such transcript",
      "no-store",
    ]);
    expect((await raw("POST", "/transcripts/20261130T084752Z-en.txt", "content-length: 0\r\n")).status).toBe(405);
  });

  test("while the captions service is down, a captioner is told so, and players go on", async ({ expect }) => {
    service.close();
    service.closeAllConnections();
    const post = () => raw("POST", "/captions/de", "content-length: 1\r\n", "x");
    await expect.poll(async () => (await post()).status).toBe(503);
    expect((await get(there)).body).toBe(vtt);
    expect((await get("/hls/captions/en/stream.m3u8")).status).toBe(200);
    expect(toOwncast.filter((url) => /^\/(captions\/de|transcripts\/[^/%]*\.(vtt|srt|txt))$/.test(url))).toEqual([]);
  });

  test.runIf(isExhaustive)(
    "a captioner's command writes through the front, and is told if its token is wrong",
    async () => {
      const shown: string[] = [];
      const door = await startCaptionersDoor(join(folder, "push.sock"), folder, shown);
      try {
        expect(await captioner(site, folder, token)).toMatchObject({ code: 0, stdout: "✓ Guten Abend.\n" });
        expect(await captioner(site, folder, `${token}-`)).toMatchObject({ code: 77, stdout: "" });
        expect(shown).toEqual(["Guten Abend."]);
      } finally {
        await door.stop();
      }
    },
  );

  test("the access log has none of these requests, and no token", async ({ expect }) => {
    await get("/logged");
    const log = () => (existsSync(site.accessLog("main")) ? readFileSync(site.accessLog("main"), "utf8") : "");
    await expect.poll(log, { timeout: 20_000 }).toContain('"/logged"');
    for (const path of [there, "/hls/captions/en/stream-s1-x-1.vtt", "/hls/captions/en/stream.m3u8"])
      expect(log()).not.toContain(`"${path}"`);
    expect(log()).not.toContain(token);
    expect(readFileSync(site.logFile, "utf8")).not.toContain(token);
  });
});

// No golden host is private and has captions, so its site gets what NixOS puts before it.
onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-private-captions-"));
  const parts = ["captions", "captions-push", "transcripts"].map((part) =>
    readFileSync(`generated/site/${part}.${front === "caddy" ? "caddyfile" : "nginx"}`, "utf8"),
  );
  const pushed: string[] = [];
  const service = createServer(({ method, url }, response) => {
    pushed.push(`${method} ${url}`);
    response.writeHead(204).end();
  });
  const sites: GoldenFront[] = [];
  const start = async (place: string, networks: Readonly<Record<string, string>>): Promise<GoldenFront> => {
    const own = join(folder, place);
    const cache = join(cacheIn(own), "main");
    mkdirSync(join(cache, "captions/en"), { recursive: true });
    writeFileSync(join(cache, "captions/en/stream-s1-x-0.vtt"), vtt);
    writeFileSync(join(cache, "20261130T084752Z-en.vtt"), vtt);
    const push = join(folder, "push.sock");
    const values = {
      ...{ "@segmentsDir@": cache, "@transcriptsDir@": cache, "@site@": "site_main", "@hsts@": "" },
      "@captions@": front === "caddy" ? `unix/${push}` : push,
    };
    const text = Object.entries(values).reduce((now, [from, to]) => now.replaceAll(from, to), parts.join("\n"));
    const anchor = "# The site of one stage, for ";
    const places = { ...networks, "/run/lectern/main-viewers": join(own, "door") };
    const texts = { [front]: { [anchor]: `\n${text}\n${anchor}` } };
    const site = await startGoldenFront(front, "one-private", { folder: own, sites: [name], places, texts });
    sites.push(site);
    return site;
  };
  let closed: GoldenFront;
  let open: GoldenFront;
  beforeAll(async () => {
    service.listen(join(folder, "push.sock"));
    await once(service, "listening");
    closed = await start("closed", {});
    open = await start("open", { "192.0.2.0/24": "127.0.0.0/8" });
  });
  afterAll(async () => {
    for (const site of sites) await site.stop();
    service.close();
    service.closeAllConnections();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const transcript = "/transcripts/20261130T084752Z-en.vtt";
  const post = async (site: GoldenFront) => {
    const head = `POST /captions/de HTTP/1.1\r\nhost: ${name}:${site.ports.https}\r\n`;
    const more = `authorization: Bearer ${token}\r\ncontent-length: 1\r\n\r\nx`;
    return (await rawRequest({ port: site.ports.https, site: name }, [head + more])).status;
  };

  test("a private stage shows strangers no captions and no transcript, and takes no text from them", async () => {
    for (const path of [there, "/hls/captions/en/stream-s1-x-9.vtt", "/hls/captions/en/stream.m3u8", transcript]) {
      const { status, body } = await closed.get(name, path, { authorization: `Bearer ${token}` });
      expect([path, status, body.toString()]).toEqual([path, 503, expect.stringContaining("This stage is closed")]);
    }
    expect([await post(closed), pushed]).toEqual([503, []]);
  });

  test("a private stage shows them to a network that may watch, in no shared cache and on no other page", async () => {
    for (const [path, told] of [
      [there, vtt],
      ["/hls/captions/en/stream-s1-x-9.vtt", captions.none.text],
      [transcript, vtt],
    ] as const) {
      const { status, headers, body } = await open.get(name, path);
      expect([path, status, body.toString()]).toEqual([path, 200, told]);
      expect([path, headers["cache-control"]]).toEqual([path, expect.stringMatching(/private|no-store/)]);
      expect([path, headers["access-control-allow-origin"]]).toEqual([path, undefined]);
    }
    expect([await post(open), pushed]).toEqual([204, ["POST /captions/de"]]);
  });

  test.runIf(isExhaustive)(
    "a private stage's captioner writes from a network that may watch, and from no other",
    async () => {
      service.close();
      service.closeAllConnections();
      const shown: string[] = [];
      const door = await startCaptionersDoor(join(folder, "push.sock"), folder, shown);
      try {
        const refused = await captioner(closed, folder, token);
        expect([refused.code === 0, refused.stdout, shown]).toEqual([false, "", []]);
        expect(refused.stderr).not.toContain(token);
        expect(await captioner(open, folder, token)).toMatchObject({ code: 0, stdout: "✓ Guten Abend.\n" });
      } finally {
        await door.stop();
      }
    },
  );
});

/** The captions service's door for captioners, with a track on air. */
function startCaptionersDoor(socket: string, secrets: string, shown: string[]): Promise<CaptionsServer> {
  writeFileSync(join(secrets, "captions-token-de"), token);
  const inbox: PushInbox = {
    put(lines) {
      shown.push(...lines);
      return { accepted: lines.length, waitingSeconds: 0, live: true, full: false };
    },
  };
  return startPushServer({ address: `unix:${socket}`, inboxes: new Map([["de", inbox]]), secrets, say: () => {} });
}

/** `lectern captioner` with one line of text, over a front. */
async function captioner(site: GoldenFront, folder: string, given: string) {
  const file = join(folder, "captioners-token");
  writeFileSync(file, given);
  const { https } = site.ports;
  const way = ["--resolve", `${name}:${https}:127.0.0.1`, "--ca", site.caFile, "--token-file", file];
  const [program = "", ...words] = lecternCommand("captioner", "--url", `https://${name}:${https}`, "--language", "de");
  const child = spawn(program, [...words, ...way]);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
    child.stdin.on("error", () => {}).end("Guten Abend.\n"),
  ]);
  return { code, stdout, stderr };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
