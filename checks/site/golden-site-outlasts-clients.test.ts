import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runs, sample } from "../lib/exhaustive.ts";
import { cacheIn, type GoldenFront } from "../lib/site/front.ts";
import { onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";

const path = "/hls/0/stream.m3u8";
const listed = "stream-abc-1.ts";
const site = "one.test";
const fromOwncast = "from Owncast itself";

onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-clients-"));
  const hls = join(cacheIn(folder), "main/hls");
  const toOwncast: IncomingMessage[] = [];
  let owncast: Server;
  let keeper: KeeperProcess;
  let server: GoldenFront;

  beforeAll(async () => {
    mkdirSync(join(hls, "0"), { recursive: true });
    writeFileSync(join(hls, "0", listed), "video ".repeat(188));
    const time = "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000+0000";
    const head =
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-INDEPENDENT-SEGMENTS";
    writeFileSync(join(hls, "0/stream.m3u8"), `${head}\n${time}\n#EXTINF:2.000000,\n${listed}\n`);
    const variant = "#EXT-X-STREAM-INF:BANDWIDTH=500000\n0/stream.m3u8";
    writeFileSync(join(hls, "stream.m3u8"), `#EXTM3U\n#EXT-X-VERSION:6\n${variant}\n`);
    owncast = createServer((request, response) => {
      toOwncast.push(request);
      response.end(fromOwncast);
    }).listen(0, "127.0.0.1");
    await once(owncast, "listening");
    const upstream = `127.0.0.1:${(owncast.address() as AddressInfo).port}`;
    const socket = join(folder, "keeper.sock");
    keeper = await startKeeper(socket, `http://${upstream}`, hls);
    const places = { "/run/lectern/main-keeper.sock": socket, "127.0.0.1:8080": upstream };
    server = await startGoldenFront(front, "one", { folder, sites: [site], places });
    // The keeper needs a second look before it trusts what it read.
    while (!(await playlist()).includes(listed)) await sleep(50);
  });
  afterAll(async () => {
    await server?.stop();
    await keeper?.stop();
    owncast?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const get = (asked: string, headers: Readonly<Record<string, string>> = {}) => server.get(site, asked, headers);
  const playlist = async () => (await get(path)).body.toString();

  /** Sends bytes unchanged over a connection of its own; resolves to the response, at the latest after a second. */
  async function send(bytes: string): Promise<string> {
    const socket = connectTls({
      host: "127.0.0.1",
      port: server.ports.https,
      servername: site,
      rejectUnauthorized: false,
    });
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => {});
    socket.write(bytes);
    await Promise.race([once(socket, "close"), sleep(1000)]);
    socket.destroy();
    return answer;
  }

  const request = (method: string, ...lines: readonly string[]) => requestOf(path, method, ...lines);
  const requestOf = (asked: string, method: string, ...lines: readonly string[]) =>
    `${[`${method} ${asked} HTTP/1.1`, `Host: ${site}`, ...lines].join("\r\n")}\r\n\r\n`;
  const broken = (method: string) => () => send(`${request(method, "Transfer-Encoding: chunked")}not a length\r\n`);

  /** Resets an HTTP/2 stream in the middle of its body. */
  async function reset(): Promise<void> {
    const session = connectHttp2(`https://127.0.0.1:${server.ports.https}`, {
      servername: site,
      rejectUnauthorized: false,
    });
    session.on("error", () => {});
    const stream = session.request({ ":method": "GET", ":path": path, ":authority": site }, { endStream: false });
    stream.on("error", () => {});
    stream.write("half a b");
    await sleep(100);
    stream.close(8);
    await sleep(100);
    session.destroy();
  }

  /** A viewer's responses while another client repeats an action in a loop. */
  async function viewedBeside(attack: () => Promise<unknown>, forMs: number): Promise<Set<string>> {
    const answers = new Set<string>();
    let isOver = false;
    const attacking = (async () => {
      while (!isOver) await Promise.all([attack(), sleep(250)]);
    })();
    const view = async () => {
      const { status, body } = await get(path);
      answers.add(`${status} ${body.includes(listed) ? "from the keeper" : body}`);
    };
    for (const end = Date.now() + forMs; Date.now() < end; await sleep(100)) await view();
    isOver = true;
    await attacking;
    await view();
    return answers;
  }

  const attacks: readonly (readonly [what: string, attack: () => Promise<unknown>])[] = [
    ["a broken body with GET", broken("GET")],
    ["a broken body with POST", broken("POST")],
    ["a body that is broken off over HTTP/2", reset],
    ["a body that stops", () => send(`${request("GET", "Content-Length: 100")}half a b`)],
    ["what it expects of no server", () => send(request("GET", "Expect: a miracle"))],
    ["a request for another protocol", () => send(request("GET", "Connection: Upgrade", "Upgrade: websocket"))],
    ["more headers than the keeper takes", () => send(request("GET", `Cookie: ${"c".repeat(200_000)}`))],
  ];

  test.each(sample("clients that misbehave", attacks, 3))(
    "a client that sends %s takes no playlist from anybody",
    async (_, attack) => {
      expect([...(await viewedBeside(attack, runs(1500, 3000)))]).toEqual(["200 from the keeper"]);
    },
  );

  test("a body with GET reaches no server", async () => {
    expect(await send(`${request("GET", "Content-Length: 4", "Connection: close")}body`)).toContain(listed);
    // The keeper has no such rendition, so Owncast gets this one.
    const unheardOf = "/hls/9/stream.m3u8";
    toOwncast.length = 0;
    const lines = ["Content-Length: 4", "Connection: close"];
    expect(await send(`${requestOf(unheardOf, "GET", ...lines)}body`)).toContain(fromOwncast);
    const told = toOwncast.filter(({ url }) => url === unheardOf);
    const lengthsOf = told.map(({ headers }) => [headers["content-length"], headers["transfer-encoding"]]);
    expect(lengthsOf).toEqual([[undefined, undefined]]);
    // nginx refuses such a request by itself.
    expect(await broken("GET")()).toContain(front === "nginx" ? "HTTP/1.1 400 " : listed);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("a playlist is not there for %s", async (method) => {
    const answer = await send(request(method, "Content-Length: 0", "Connection: close"));
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
    expect(answer).toMatch(/^allow: GET, HEAD\r$/im);
    expect(answer).toMatch(/^cache-control: no-store\r$/im);
  });

  test("HEAD sends the same headers for a playlist as GET, without the body", async () => {
    const [head = "", body = "none"] = (await send(request("HEAD", "Connection: close"))).split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1.1 200 /);
    expect(head).toMatch(new RegExp(`^content-length: ${(await playlist()).length}\r?$`, "im"));
    expect(body).toBe("");
  });

  test("no request fails while the keeper restarts", async () => {
    let answers: Set<string>;
    let tookMs: number;
    const again = async () => {
      const since = Date.now();
      await keeper.kill();
      await keeper.start();
      tookMs = Date.now() - since;
      await sleep(2000);
    };
    // A busy machine may take longer to start it than the front waits.
    do {
      tookMs = 0;
      answers = await viewedBeside(again, 500);
    } while (tookMs > 2000);
    expect([...answers]).toEqual(["200 from the keeper"]);
  });

  test("Owncast gets at most 256 characters of a client's user agent", async ({ expect }) => {
    toOwncast.length = 0;
    // nginx takes no line of more than 8 kB.
    const name = `lasting ${"n".repeat(front === "nginx" ? 8000 : 15_000)}`;
    await get("/", { "user-agent": name });
    await get(path, { "user-agent": name });
    const told = () => toOwncast.filter(({ headers }) => headers["user-agent"]?.startsWith("lasting"));
    await expect
      .poll(() => told().map(({ method, url }) => `${method} ${url}`))
      .toEqual(["GET /", "HEAD /hls/stream.m3u8"]);
    // The second one is the keeper's, by which Owncast counts players without a page: by their address and program.
    expect(told().map(({ headers }) => headers["x-forwarded-for"])).toEqual(["127.0.0.1", "127.0.0.1"]);
    expect(told().map(({ headers }) => headers["user-agent"]?.length)).toEqual([256, 256]);
  });

  test("if the keeper is gone for good, Owncast serves playlists instead", async ({ expect }) => {
    await keeper.stop();
    rmSync(join(folder, "keeper.sock"), { force: true });
    await expect.poll(playlist, { timeout: 20_000 }).toBe(fromOwncast);
    const since = Date.now();
    for (let asked = 0; asked < 20; asked++) expect(await playlist()).toBe(fromOwncast);
    expect(Date.now() - since).toBeLessThan(5000);
  });
});
