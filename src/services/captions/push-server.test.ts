import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isExhaustive } from "../../../checks/lib/exhaustive.ts";
import { freePort } from "../../lib/free-port.ts";
import { type CaptionsServer, startPushServer } from "./push-server.ts";
import type { PushInbox, PushResult } from "./push-source.ts";

const token = "a captioner's tökén";
const shown: string[] = [];
const calm: PushResult = { accepted: 0, waitingSeconds: 0, live: true, full: false };
let result = calm;
const inbox: PushInbox = {
  put(lines) {
    shown.push(...lines);
    return { ...result, accepted: lines.length };
  },
};
const said: string[] = [];
let nowMs = 0;
let folder: string;
let server: CaptionsServer;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-push-"));
  port = await freePort();
  writeFileSync(join(folder, "captions-token-de"), `${token}\n`);
  const inboxes = new Map([
    ["de", inbox],
    ["fr", inbox],
  ]);
  server = await startPushServer({
    ...{ address: `127.0.0.1:${port}`, inboxes, secrets: folder },
    say: (line) => void said.push(line),
    // Of wrong tokens: on a slow machine no time passes between them.
    now: () => nowMs,
  });
});
beforeEach(() => {
  shown.length = 0;
  result = calm;
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const asHeader = (text: string) => `Bearer ${Buffer.from(text).toString("latin1")}`;
const plain = "text/plain; charset=utf-8";

async function post(
  body: string | Buffer,
  { path = "/captions/de", type = plain, auth = asHeader(token), method = "POST", more = {} } = {},
) {
  const headers = { "Content-Type": type, Authorization: auth, ...more };
  const has = method !== "GET";
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...(has && { body }) });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown>, response };
}

it("a token that could be guessed is as good as none, and the operator is told", async () => {
  const short = "123456789012345";
  writeFileSync(join(folder, "captions-token-fr"), short);
  const { status, answer } = await post("Bonjour", { path: "/captions/fr", auth: asHeader(short) });
  rmSync(join(folder, "captions-token-fr"));
  expect([status, shown]).toEqual([503, []]);
  expect(answer).toMatchObject({ error: expect.stringContaining("ask its operator") });
  expect(said.join("\n")).toMatch(/captions-token-fr: is shorter than 16 bytes, and could be guessed/);
});

describe("a captioner with the token", () => {
  it("is told what happened to its lines", async () => {
    expect(await post("Guten Tag\r\n\n  \nGrüß Gott")).toMatchObject({
      status: 200,
      answer: { accepted: 2, live: true },
    });
    expect(shown).toEqual(["Guten Tag", "Grüß Gott"]);
  });

  it("may send nothing, to say that it is there, also while nobody is on air", async () => {
    result = { ...calm, live: false };
    expect(await post("")).toMatchObject({ status: 200, answer: { accepted: 0, live: false } });
  });

  it("is told that nobody is on air, and when too much waits", async () => {
    result = { ...calm, live: false };
    expect(await post("x")).toMatchObject({ status: 409, answer: { error: expect.stringContaining("off air") } });
    result = { ...calm, full: true };
    expect(await post("x")).toMatchObject({ status: 429, answer: { error: expect.stringContaining("wait") } });
  });

  it.runIf(isExhaustive)(
    "may send twenty requests at once, and then five a second",
    async () => {
      await sleep(4000);
      const all = await Promise.all(Array.from({ length: 40 }, () => post("x")));
      const taken = all.filter(({ status }) => status === 200).length;
      expect(taken).toBeGreaterThanOrEqual(20);
      expect(taken).toBeLessThan(40);
      const { response } = all.find(({ status }) => status === 429) ?? {};
      expect(response?.headers.get("retry-after")).toBe("1");
      await sleep(4000);
    },
    30_000,
  );
});

describe("refused, and never shown", () => {
  it.each([
    ["a wrong token", { auth: asHeader("wrong") }, 401],
    ["the token in another letter case", { auth: asHeader(token.toUpperCase()) }, 401],
    ["no token", { auth: "" }, 401],
    ["another scheme", { auth: `Basic ${Buffer.from(token).toString("base64")}` }, 401],
    ["a language without an inbox", { path: "/captions/es" }, 404],
    ["a language that is a path", { path: "/captions/..%2Fde" }, 404],
    ["the token in the address", { path: `/captions/de?token=${encodeURIComponent(token)}`, auth: "" }, 404],
    ["another method", { method: "PUT" }, 405],
    ["GET", { method: "GET" }, 405],
    ["JSON", { type: "application/json" }, 415],
    ["another charset", { type: "text/plain; charset=latin1" }, 415],
    ["a compressed body", { more: { "Content-Encoding": "gzip" } }, 415],
    ["a language without a token", { path: "/captions/fr" }, 503],
  ])("%s", async (_, options, status) => {
    expect((await post("böse", options)).status).toBe(status);
    expect(shown).toEqual([]);
  });

  it.each([
    ["bytes that are no UTF-8", Buffer.from([0xff, 0xfe, 0x41]), 400],
    ["more than 2 kB", "x".repeat(2049), 413],
    ["more than ten lines", "x\n".repeat(11), 413],
  ])("%s", async (_, body, status) => {
    expect((await post(body)).status).toBe(status);
    expect(shown).toEqual([]);
  });

  it("names the missing token's file to the operator, once, and no token to anybody", async () => {
    expect(said.filter((line) => /captions-token-fr(?!.*shorter)/.test(line))).toHaveLength(1);
    expect(said.join("\n")).not.toContain(token);
  });
});

describe("wrong tokens", () => {
  const from = (address: string, auth: string) => post("böse", { auth, more: { "X-Forwarded-For": address } });

  it("are too many after some from a network, and none of another network's, and never keep out a captioner there", async () => {
    const wrong = asHeader("wrong");
    const statuses: number[] = [];
    for (let guess = 0; guess < 8; guess++) statuses.push((await from(`2001:db8::${guess}`, wrong)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
    const { response, answer } = await from("2001:db8::9", wrong);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "10"]);
    expect(answer).toMatchObject({ error: expect.stringContaining("too many wrong tokens") });
    expect((await from("2001:db8:0:1::1", wrong)).status).toBe(401);
    nowMs += 5000;
    expect((await from("2001:db8::9", wrong)).status).toBe(401);
    expect(shown).toEqual([]);
    expect((await from("2001:db8::1", asHeader(token))).status).toBe(200);
    expect(shown).toEqual(["böse"]);
  });
});

describe("raw bytes", () => {
  /** The beginning of the response to bytes that need not be HTTP. */
  const raw = (bytes: string | Buffer, isEndless = false): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      let text = "";
      const endless = isEndless ? setInterval(() => socket.write(Buffer.alloc(65_536, 97)), 5) : undefined;
      socket.on("data", (part: Buffer) => {
        text += part.toString("latin1");
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        clearInterval(endless);
        resolve(text);
      });
      socket.write(bytes);
    });
  const head = `POST /captions/de HTTP/1.1\r\nHost: x\r\nAuthorization: ${asHeader(token)}\r\nContent-Type: ${plain}\r\n`;

  it.each([
    ["no HTTP", "\x03\x00\x00\r\n\r\n", false, 400],
    ["a header that is too long", `POST / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, false, 431],
    ["two lengths", `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, false, 400],
    ["a length and chunks", `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, false, 400],
    ["a body without end", `${head}Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n`, true, 413],
  ])("%s: the connection ends, and the next one is served", async (_, bytes, isEndless, status) => {
    expect(await raw(Buffer.from(bytes, "latin1"), isEndless)).toContain(` ${status} `);
    expect((await post("weiter")).status).toBe(200);
  });
});
