import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type GoldenCaddy, startGoldenCaddy } from "./lib/golden-caddy.ts";
import { type PlainOwncast, startPlainOwncast } from "./lib/plain-owncast.ts";
import { dial, type RawAnswer, rawRequest } from "./lib/raw-request.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-guard-"));
const site = "one.test";
let owncast: PlainOwncast;
let caddy: GoldenCaddy;

beforeAll(async () => {
  owncast = await startPlainOwncast();
  caddy = await startGoldenCaddy("one", {
    folder,
    sites: [site],
    places: {
      "127.0.0.1:8080": new URL(owncast.url).host,
      // The tests come from there.
      "255.255.255.255/32": "127.0.0.0/8",
      // Not what a test can wait for.
      "read_timeout 2m": "read_timeout 3s",
    },
  });
});
afterAll(async () => {
  await caddy?.stop();
  await owncast?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const password = `Basic ${Buffer.from("admin:abc123").toString("base64")}`;
const own = () => `https://${site}:${caddy.ports.https}`;

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Iterable<Buffer>;
}

function ask(path: string, { method = "GET", headers = {}, body = [] }: Ask = {}): Promise<RawAnswer> {
  const lines = Object.entries({ host: new URL(own()).host, ...headers });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return rawRequest({ port: caddy.ports.https, site }, [head, ...body]);
}

const megabyte = Buffer.from(" ".repeat(1_000_000));
function* megabytes(count: number): Iterable<Buffer> {
  for (let sent = 0; sent < count; sent++) yield megabyte;
}
function* inChunks(body: Iterable<Buffer>): Iterable<Buffer> {
  for (const part of body)
    yield Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);
  yield Buffer.from("0\r\n\r\n");
}

describe("a body that is longer than anything Owncast needs", () => {
  const residentMegabytes = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${owncast.pid()}/status`, "utf8"))?.[1]) / 1000;

  it.each(["/api/chat/register", "/api/metrics/playback", "/federation/user/streamer/inbox", "/", "/logo"])(
    "is refused at %s before Owncast has it in memory, with its length said or not",
    async (path) => {
      const before = residentMegabytes();
      const withLength = await ask(path, {
        method: "POST",
        headers: { "content-length": "50000000" },
        body: megabytes(50),
      });
      const unsaid = await ask(path, {
        method: "POST",
        headers: { "transfer-encoding": "chunked" },
        body: inChunks(megabytes(50)),
      });
      expect([withLength.status, unsaid.status]).toEqual([413, 413]);
      // 50 MB cost some 250.
      expect(residentMegabytes() - before).toBeLessThan(40);
    },
  );

  test("what people send is not", async () => {
    const { status } = await ask("/api/chat/register", {
      method: "POST",
      headers: { "content-length": "20" },
      body: [Buffer.from('{"displayName":"you"}').subarray(0, 20)],
    });
    expect(status).toBe(200);
  });

  it.each([
    [5, 400],
    [20, 413],
  ])("in the admin API, %i MB are answered %i", async (count, status) => {
    const headers = { authorization: password, origin: own(), "content-length": `${count}000000` };
    const answer = await ask("/api/admin/config/name", { method: "POST", headers, body: megabytes(count) });
    expect(answer.status).toBe(status);
  });
});

test("a body that comes byte by byte does not keep a connection to Owncast for ever", async () => {
  const descriptors = `/proc/${owncast.pid()}/fd`;
  const connections = () =>
    readdirSync(descriptors).filter((fd) => linkOf(join(descriptors, fd)).startsWith("socket:")).length;
  const sockets = Array.from({ length: 20 }, () => dial({ port: caddy.ports.https, site }));
  const before = connections();
  for (const socket of sockets) {
    socket.write(`POST /api/chat/register HTTP/1.1\r\nhost: ${new URL(own()).host}\r\ncontent-length: 1000\r\n\r\n`);
  }
  const drip = setInterval(() => sockets.forEach((socket) => void socket.write(" ")), 500);
  try {
    await expect.poll(connections, { timeout: 20_000 }).toBeGreaterThan(before + 10);
    await expect.poll(connections, { timeout: 40_000, interval: 500 }).toBeLessThan(before + 3);
  } finally {
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  }
});

/** Where a descriptor leads; nothing if it has been closed since. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

describe("a request of the admin's, with the password that the browser sends by itself,", () => {
  const name = async (): Promise<string> => {
    const answer = await owncast.admin("serverconfig");
    return ((await answer.json()) as { instanceDetails: { name: string } }).instanceDetails.name;
  };
  const elsewhere = "https://evil.example";
  const rename = (value: string, headers: Record<string, string>) => {
    const body = Buffer.from(JSON.stringify({ value }));
    const all = {
      authorization: password,
      "content-type": "text/plain",
      "content-length": `${body.length}`,
      ...headers,
    };
    return ask("/api/admin/config/name", { method: "POST", headers: all, body: [body] });
  };

  it.each<[string, Record<string, string>]>([
    ["another site", { "sec-fetch-site": "cross-site", origin: elsewhere }],
    ["another site, whose origin is hidden", { "sec-fetch-site": "cross-site", origin: "null" }],
    ["a neighbour under the same domain", { "sec-fetch-site": "same-site" }],
    ["another port of the same name", { "sec-fetch-site": "same-site", origin: `https://${site}` }],
    ["another site, in a browser that says the origin alone", { origin: elsewhere }],
    ["a sandbox, in a browser that says the origin alone", { origin: "null" }],
    ["a name that begins like this one", { origin: `https://${site}:${1}` }],
    ["the same name without TLS", { origin: "http://one.test" }],
    ["nowhere: typed, or a program's", { "sec-fetch-site": "none" }],
    ["nobody knows where", {}],
    ["another site's page, as the referer says", { referer: `${elsewhere}/?https://${site}/admin` }],
    ["a form on the stage's own page", { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate" }],
  ])("changes nothing if it comes from %s", async (_, headers) => {
    expect((await rename("taken over", headers)).status).toBe(403);
    expect(await name()).not.toBe("taken over");
  });

  it.each<[string, () => Record<string, string>]>([
    ["its own page", () => ({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", origin: own() })],
    ["its own page, in a browser that says the origin alone", () => ({ origin: own() })],
    ["a program that says the origin", () => ({ origin: own() })],
  ])("changes what it is to change if it comes from %s", async (who, headers) => {
    expect((await rename(who, headers())).status).toBe(200);
    expect(await name()).toBe(who);
  });

  // Read in webserver/handlers/generated and tried: all of 0.2.5's that change something when they are looked at.
  it.each(["disconnect", "yp/reset", "update/start", "update/forcequit"])(
    "does not look at /api/admin/%s from elsewhere, nor by a link in the chat, for that changes something",
    async (path) => {
      const asked = (headers: Record<string, string>) =>
        ask(`/api/admin/${path}`, { headers: { authorization: password, ...headers } });
      const image = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
      const link = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      for (const headers of [image, link, { referer: `${own()}/` }, {}])
        expect((await asked(headers)).status).toBe(403);
      expect((await fetch(`${owncast.url}/api/status`)).status).toBe(200);
    },
  );

  test("ends the stream if it is the admin page's own", async () => {
    const headers = { authorization: password, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
    // Owncast's own answer: nobody publishes.
    expect((await ask("/api/admin/disconnect", { headers })).status).toBe(400);
  });

  it.each<[string, number, () => Record<string, string>]>([
    ["typed", 200, () => ({ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })],
    ["a link on itself", 200, () => ({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate" })],
    ["typed into a browser that says nothing", 200, () => ({})],
    ["a link elsewhere", 403, () => ({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })],
    ["a link elsewhere, as the referer says", 403, () => ({ referer: `${elsewhere}/` })],
  ])("opens the page (by %s: %i)", async (_, status, headers) => {
    for (const path of ["/admin", "/admin/", "/admin/config/server/"])
      expect([status, 301]).toContain((await ask(path, { headers: { authorization: password, ...headers() } })).status);
  });

  test("reads what its page reads, in a browser that says the referer alone", async () => {
    const headers = { authorization: password, referer: `${own()}/admin/` };
    expect((await ask("/api/admin/status", { headers })).status).toBe(200);
  });
});

test("nothing outside the admin's own addresses asks for the admin's password", async () => {
  const query = "client_id=https://a.test/&redirect_uri=https://a.test/&code_challenge=x&state=x&me=https://a.test/";
  const identity = `/api/auth/provider/indieauth?${query}`;
  // As Owncast has it, there is one.
  expect((await fetch(`${owncast.url}${identity}`)).status).toBe(401);
  expect((await ask(identity, { headers: { "sec-fetch-site": "cross-site" } })).status).toBe(403);
});

describe("the headers of", () => {
  const usual = { "x-content-type-options": ["nosniff"], "referrer-policy": ["strict-origin-when-cross-origin"] };
  const pictures = ["default-src 'none'; style-src 'unsafe-inline'; sandbox"];

  it.each<[string, Record<string, unknown>]>([
    ["/", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
    ["/api/status", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
    ["/admin/", { ...usual, "x-frame-options": ["DENY"] }],
    ["/hls/0/stream-abc-1.ts", usual],
    ["/embed/video/", { ...usual, "x-frame-options": undefined }],
    ["/embed/chat/readonly/", { ...usual, "x-frame-options": undefined }],
    ["/embed/chat/readwrite/", { ...usual, "x-frame-options": undefined }],
    // Owncast's main page, under other names.
    ["/embed/index.html", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
    ["/embed/video/index.html", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
    ["/embed/chat/readonly/index.html", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
    ["/logo", { ...usual, "content-security-policy": pictures }],
    ["/logo/external", { ...usual, "content-security-policy": pictures }],
    ["/favicon.ico", { ...usual, "content-security-policy": pictures }],
    ["/thumbnail.jpg", { ...usual, "content-security-policy": pictures }],
    ["/preview.gif", { ...usual, "content-security-policy": pictures }],
    ["/img/emoji/none.svg", { ...usual, "content-security-policy": pictures }],
    ["/img/platformlogos/matrix.svg", { ...usual, "content-security-policy": pictures }],
    ["/public/any.svg", { ...usual, "content-security-policy": pictures }],
  ])("%s, each once", async (path, expected) => {
    const { headers } = await ask(path, { headers: { authorization: password } });
    for (const [name, values] of Object.entries(expected)) expect([name, headers[name]]).toEqual([name, values]);
  });

  test("pages keep Owncast's policy for scripts, alone", async () => {
    const [policy, ...more] = (await ask("/")).headers["content-security-policy"] ?? [];
    expect(more).toEqual([]);
    expect(policy).toMatch(/^script-src 'nonce-/);
  });
});

test("a page that cannot be had says the same of itself", async () => {
  await owncast.kill();
  try {
    const { status, headers } = await ask("/");
    expect([status, headers["x-content-type-options"], headers["x-frame-options"]]).toEqual([
      503,
      ["nosniff"],
      ["SAMEORIGIN"],
    ]);
  } finally {
    await owncast.start();
  }
});
