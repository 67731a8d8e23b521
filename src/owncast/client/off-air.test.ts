import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, test } from "vitest";
import type { PublicStatus } from "../../lib/public-status.ts";
import { isQuiet, see, untilOffAir } from "./off-air.ts";

const now = Date.parse("2026-07-01T12:00:00Z");

it.each<{ claim: string; status: PublicStatus; quiet: boolean }>([
  {
    claim: "a stage is not off air while its stream goes on",
    status: { online: true, lastDisconnectTime: null },
    quiet: false,
  },
  {
    claim: "a stage is not off air while its camera has connected and sent no frame yet",
    status: { online: false, lastConnectTime: "2026-07-01T11:59:58Z", lastDisconnectTime: null },
    quiet: false,
  },
  {
    claim: "a stage is not off air if its camera lost the connection a moment ago",
    status: { online: false, lastDisconnectTime: "2026-07-01T11:59:45Z" },
    quiet: false,
  },
  {
    claim: "a stage is off air if its stream ended long enough ago",
    status: { online: false, lastDisconnectTime: "2026-07-01T11:59:15Z" },
    quiet: true,
  },
  {
    claim: "a stage is off air if its server has had no stream",
    status: { online: false, lastDisconnectTime: null },
    quiet: true,
  },
])("$claim", ({ status, quiet }) => {
  const seen = see(undefined, status, { nowMs: 5000, wallMs: now });
  expect(isQuiet(seen, 30_000, 5000)).toBe(quiet);
});

it.each([
  ["ahead", 3_600_000],
  ["back", -3_600_000],
])("a wall clock that is set an hour %s makes the wait neither shorter nor longer", (_, jumpMs) => {
  const onAir = see(undefined, { online: true, lastDisconnectTime: null }, { nowMs: 0, wallMs: now });
  const status = { online: false, lastDisconnectTime: "2026-07-01T12:00:02Z" };
  const ended = see(onAir, status, { nowMs: 2000, wallMs: now + 2000 });
  const later = see(ended, status, { nowMs: 4000, wallMs: now + 4000 + jumpMs });
  expect([isQuiet(later, 30_000, 31_999), isQuiet(later, 30_000, 32_000)]).toEqual([false, true]);
});

it("the wait starts again if a stream came and ended between two checks", () => {
  const first = see(
    undefined,
    { online: false, lastDisconnectTime: "2026-07-01T11:00:00Z" },
    { nowMs: 0, wallMs: now },
  );
  expect(isQuiet(first, 30_000, 0)).toBe(true);
  const second = see(
    first,
    { online: false, lastDisconnectTime: "2026-07-01T12:00:01Z" },
    { nowMs: 2000, wallMs: now },
  );
  expect([isQuiet(second, 30_000, 31_999), isQuiet(second, 30_000, 32_000)]).toEqual([false, true]);
});

let server: Server | undefined;
afterEach(() => server?.close());

/** A server that gives these responses in turn and then repeats the last one; null is a dropped connection. */
async function answering(...answers: (PublicStatus | null)[]): Promise<string> {
  let asked = 0;
  server = createServer((request, response) => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    if (answer) response.end(JSON.stringify(answer));
    else request.socket.destroy();
  });
  await new Promise<void>((ready) => server?.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the command waits while a stage is on air or does not answer, and says so once", async () => {
  const url = await answering({ online: true }, null, { online: true }, { online: false, lastDisconnectTime: null });
  const said: string[] = [];
  const signal = new AbortController().signal;
  await untilOffAir({ url, quietSeconds: 30, say: (line) => said.push(line), signal });
  expect(said).toEqual(["waiting until nothing is on air"]);
});

test("the command fails and says that nothing was done if it is stopped while it waits", async () => {
  const interrupt = new AbortController();
  const url = await answering({ online: true });
  const waiting = untilOffAir({ url, quietSeconds: 30, say: () => interrupt.abort(), signal: interrupt.signal });
  await expect(waiting).rejects.toThrow("nothing was done");
});

test("the command can be stopped during a request, even if the server has not answered for a long time", async () => {
  const interrupt = new AbortController();
  server = createServer((request) => {
    interrupt.abort();
    request.socket.destroy();
  });
  await new Promise<void>((ready) => server?.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const waiting = untilOffAir({ url, quietSeconds: 30, say: () => {}, signal: interrupt.signal, silentSeconds: 0 });
  await expect(waiting).rejects.toThrow("nothing was done");
});

test("responses that are not from Owncast do not count as off air", async () => {
  const bodies = ["null", "{}", '"offline"', '{"online":"no"}', "<html>"];
  let asked = 0;
  server = createServer((_, response) => void response.end(bodies[asked++] ?? '{"online":true}'));
  await new Promise<void>((ready) => server?.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const interrupt = new AbortController();
  const waiting = untilOffAir({ url, quietSeconds: 30, say: () => {}, signal: interrupt.signal, pollSeconds: 0.01 });
  while (asked <= bodies.length) await new Promise((resolve) => setTimeout(resolve, 10));
  interrupt.abort();
  await expect(waiting).rejects.toThrow("nothing was done");
});
