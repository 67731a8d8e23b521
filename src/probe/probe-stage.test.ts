import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { makeHttpClient } from "../viewer/http-client.ts";
import { http3Offer } from "../viewer/http3-offer.ts";
import { probeDoors } from "./probe-closed.ts";
import { Notes } from "./probe-report.ts";
import { probeStage, type StageTask } from "./probe-stage.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

type Answers = Readonly<Record<string, { status?: number; body?: string; headers?: Record<string, string> }>>;
const html = { "content-type": "text/html" };
const page: Answers = {
  "/": { body: '<script src="/a.js"></script>', headers: html },
  "/a.js": { headers: { "content-type": "application/javascript" } },
  "/api/config": { body: "{}" },
};

/** The faults of a stage that sends these responses; every other path is 404. */
const found = async (...args: Parameters<typeof results>) =>
  (await results(...args)).filter(({ outcome }) => outcome === "failed");

/** The result of each check. */
async function results(answers: Answers, task: Partial<StageTask> = {}, upgrade?: (server: Server) => void) {
  const listener: RequestListener = (request, response) => {
    const { status = 200, body = "", headers = {} } = answers[request.url ?? ""] ?? { status: 404 };
    response.writeHead(status, headers).end(body);
  };
  const server = createServer(listener);
  upgrade?.(server);
  const url = `http://127.0.0.1:${await listen(server)}`;
  const client = await makeHttpClient();
  const notes = new Notes();
  await probeStage({ client, url, answers: true, ...task }, notes);
  client.close();
  return notes.results();
}

const failed = (check: string, says: string) => [{ check, outcome: "failed", detail: expect.stringContaining(says) }];

it("an offer of HTTP/3 is a warning with the reason, not a fault", async () => {
  const status = (altSvc: string) => ({ ...page, "/api/status": { headers: { "alt-svc": altSvc } } });
  const warned = async (altSvc: string) => (await results(status(altSvc))).filter(({ check }) => check === "http3");
  expect(await warned('h3=":443"; ma=2592000')).toEqual([
    { check: "http3", outcome: "warned", detail: expect.stringMatching(/h3=":443".*cannot use BBR.*http3\.enable/) },
  ]);
  expect(await warned("clear")).toEqual([{ check: "http3", outcome: "passed", detail: "not offered" }]);
});

describe("a page", () => {
  it("has no fault if it loads and nothing else is open", async () => expect(await found(page)).toEqual([]));
  it.each<[string, Answers, string]>([
    ["is not there", { ...page, "/": { status: 500 } }, "the page answers 500"],
    ["is not HTML", { ...page, "/": { headers: { "content-type": "text/plain" } } }, "has Content-Type text/plain"],
    [
      "lacks a script",
      { ...page, "/a.js": { status: 404 } },
      "1 of its 1 scripts and styles are broken: /a.js answers 404",
    ],
    ["gets a page for a script", { ...page, "/a.js": { headers: html } }, "/a.js has Content-Type text/html"],
  ])("is reported if it %s", async (_, answers, says) => expect(await found(answers)).toEqual(failed("page", says)));

  it("is reported if it links to a host that the seed does not name", async () => {
    const links = {
      ...page,
      "/api/config": { body: JSON.stringify({ extraPageContent: '<a href="https://x.example">x</a>' }) },
    };
    expect(await found(links)).toEqual([]);
    expect(await found(links, { namedHosts: [] })).toEqual(failed("origins", "links to x.example"));
    expect(await found(links, { namedHosts: ["x.example"] })).toEqual([]);
  });
});

describe("the admin", () => {
  const realm = (name: string) => ({ status: 401, headers: { "www-authenticate": `Basic realm="${name}"` } });
  it("counts as open if Owncast asks for its password", async () =>
    expect(await found({ ...page, "/api/admin/status": realm("Owncast Authenticated Request") })).toEqual(
      failed("admin", "/api/admin/status"),
    ));
  it("counts as closed if another server asks for a password", async () =>
    expect(await found({ ...page, "/admin": realm("Staff") })).toEqual([]));
});

describe("a chat", () => {
  const chat: Answers = { ...page, "/api/chat/register": { body: '{"accessToken":"token-of-this-test"}' } };
  const answering = (answer: (text: string) => string[]) => (server: Server) => {
    new WebSocketServer({ server: server as never, path: "/ws" }).on("connection", (socket) =>
      socket.on("message", (data) => socket.send(answer(`${data}`).join("\n"))),
    );
  };
  it("works if the message comes back, even among other events", async () =>
    expect(
      await found(
        chat,
        { chat: true },
        answering((text) => ['{"type":"PING"}', text]),
      ),
    ).toEqual([]));
  it("gets no message if the seed turns it off", async () =>
    expect(await found(page, { chat: true, chatEnabled: false })).toEqual([]));
  it("is reported if nobody can join", async () =>
    expect(await found(page, { chat: true })).toEqual(failed("chat", "/api/chat/register answers 404")));
  it("is reported without its token if the proxy does not forward the websocket", async () => {
    const result = await found(chat, { chat: true });
    expect(result).toEqual(failed("chat", "websocket cannot be opened"));
    expect(JSON.stringify(result)).not.toContain("token-of-this-test");
  });
  it("is reported if it hangs up on a person who writes", async () => {
    const hangingUp = (server: Server) =>
      void new WebSocketServer({ server: server as never }).on("connection", (socket) =>
        socket.on("message", () => socket.close()),
      );
    expect(await found(chat, { chat: true }, hangingUp)).toEqual(failed("chat", "closed the connection"));
  });
});

describe("a port that must be closed", () => {
  it("is not checked if the stage runs on this machine", async () => {
    const port = await listen(createServer((_, response) => response.writeHead(404).end()));
    const client = await makeHttpClient();
    const notes = new Notes();
    await probeDoors({ client, url: `http://127.0.0.1:${port}`, closed: [{ host: "localhost", port }] }, notes);
    client.close();
    expect(notes.results().find(({ check }) => check === "closed")).toMatchObject({ outcome: "not-checked" });
  });
});

it("nothing is checked if Owncast does not answer", async () => {
  expect(await found({}, { answers: false, chat: true })).toEqual([]);
});

it.each([
  ["nothing", undefined, undefined],
  ["an empty value", "", undefined],
  ["the word that makes browsers forget it", "clear", undefined],
  ["only another protocol", 'h2=":443"; ma=60', undefined],
  ["a protocol whose name only ends in h3", 'xh3=":443"', undefined],
  ["Caddy's", 'h3=":443"; ma=2592000', 'h3=":443"'],
  ["a draft's", 'h3-29=":443"; ma=2592000', 'h3-29=":443"'],
  ["one among others", 'h2="alt.example:443"; ma=60,h3="alt.example:8443"; persist=1', 'h3="alt.example:8443"'],
  ["one of an IPv6 address", 'h3="[2001:db8::1]:443"', 'h3="[2001:db8::1]:443"'],
  ["control characters", 'h3="\u009b2J:443"', undefined],
  ["a name without end", `h3="${"a".repeat(10_000)}:443"`, undefined],
])("an Alt-Svc header with %s is read", (_, altSvc, offer) => expect(http3Offer(altSvc)).toBe(offer));
