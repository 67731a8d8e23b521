import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { startCaddy } from "../../src/local/caddy.ts";
import type { Part } from "../../src/local/part.ts";
import { OwncastClient } from "../../src/owncast/client/client.ts";
import { rehearsalHeader, rehearsalPath } from "../../src/viewer/rehearsal-token.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { deadPort } from "../lib/process/bound-socket.ts";
import { password } from "../lib/site/guarded-site.ts";
import { listensOnUdp } from "../lib/site/http3.ts";
import { rawRequest } from "../lib/site/raw-request.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-demo-admin-"));
const parts: Part[] = [];
let owncast: PlainOwncast;
let ports: { https: number; admin: number; owncast: number };
beforeAll(async () => {
  owncast = await startPlainOwncast();
  ports = {
    https: await freePort(),
    admin: await freePort(),
    owncast: Number(new URL(owncast.url).port),
  };
  await startCaddy({ folder: dir, caddyDir: join(dir, "caddy"), ports, parts }, `127.0.0.1:${deadPort()}`);
});
afterAll(async () => {
  for (const part of parts) await part.stop();
  await owncast?.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const ask = async (path: string, host: string, headers: Record<string, string>, site?: string) =>
  (await answerTo(path, host, headers, site)).status;
const answerTo = (path: string, host: string, headers: Record<string, string>, site?: string) => {
  const lines = Object.entries({ host, authorization: password, ...headers }).map((line) => `${line.join(": ")}\r\n`);
  const target = site === undefined ? { port: ports.admin } : { port: ports.https, site };
  return rawRequest(target, [`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`]);
};
const own = { "sec-fetch-site": "same-origin" };

// Through SSH, with any port at the operator's end.
test.each(["localhost:8080", "127.0.0.1:9000"])("the demo's admin page opens and reads at %s", async (host) => {
  expect(await ask("/admin/", host, { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })).toBe(200);
  const script = { ...own, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
  expect(await ask("/api/admin/status", host, script)).toBe(200);
});

test("no image, no link and no other site ends the demo's Owncast", async () => {
  for (const headers of [
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    { ...own, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    { ...own, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    { origin: "http://localhost:3000" },
  ])
    expect(await ask("/api/admin/update/forcequit", "localhost:8080", headers)).toBe(403);
  expect((await fetch(`${owncast.url}/api/status`)).status).toBe(200);
});

test("the page's address has no admin page", async () => {
  expect(await ask("/admin/", `localhost:${ports.https}`, { "sec-fetch-site": "none" }, "localhost")).toBe(404);
});

test("a demo of a stage that allows no rehearsals says so, whatever token is shown", async () => {
  const headers = { [rehearsalHeader]: "x".repeat(43) };
  const answers = [
    await answerTo(rehearsalPath, `localhost:${ports.https}`, headers, "localhost"),
    await answerTo(rehearsalPath, "localhost:8080", headers),
  ];
  // Owncast knows no such page either, but Caddy's answer may not be cached.
  for (const answer of answers) expect([answer.status, answer.headers["cache-control"]]).toEqual([404, ["no-store"]]);
});

test("lectern accepts the address of the demo's admin page", async () => {
  const url = `http://127.0.0.1:${ports.admin}`;
  const client = new OwncastClient({ url, password: "abc123", deadlineSeconds: 10 });
  expect(await client.serverConfig()).toMatchObject({ instanceDetails: { name: "New Owncast Server" } });
});

test("the demo has no HTTP/3, and tells browsers to forget an earlier demo's", async () => {
  const request = `GET /api/status HTTP/1.1\r\nhost: localhost:${ports.https}\r\n\r\n`;
  const { status, headers } = await rawRequest({ port: ports.https, site: "localhost" }, [request]);
  expect([status, headers["alt-svc"]]).toEqual([200, ["clear"]]);
  expect(listensOnUdp(ports.https)).toBe(false);
});
