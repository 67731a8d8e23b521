import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { sample } from "../lib/exhaustive.ts";
import { onEachFront } from "../lib/site/golden-front.ts";
import { type GuardedSite, password, startGuardedSite } from "../lib/site/guarded-site.ts";
import { dial, rawRequest } from "../lib/site/raw-request.ts";

onEachFront((front) => {
  let site: GuardedSite;
  beforeAll(async () => {
    // The site's own two minutes are too long for a test.
    site = await startGuardedSite(front, { caddy: { "read_timeout 2m": "read_timeout 3s" } });
  });
  afterAll(() => site?.stop());

  const megabyte = Buffer.from(" ".repeat(1_000_000));
  function* megabytes(count: number): Iterable<Buffer> {
    for (let sent = 0; sent < count; sent++) yield megabyte;
  }
  function* inChunks(body: Iterable<Buffer>): Iterable<Buffer> {
    for (const part of body)
      yield Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);
    yield Buffer.from("0\r\n\r\n");
  }

  describe("a body larger than Owncast's largest request", () => {
    const residentMegabytes = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${site.owncast.pid()}/status`, "utf8"))?.[1]) / 1000;

    const paths = ["/api/chat/register", "/api/metrics/playback", "/federation/user/streamer/inbox", "/", "/logo"];

    it.each(sample("paths that get a long body", paths, 2))(
      "is refused at %s before Owncast has it in memory, with its length said or not",
      async (path) => {
        const before = residentMegabytes();
        const withLength = await site.ask(path, {
          method: "POST",
          headers: { "content-length": "50000000" },
          body: megabytes(50),
        });
        const unsaid = await site.ask(path, {
          method: "POST",
          headers: { "transfer-encoding": "chunked" },
          body: inChunks(megabytes(50)),
        });
        expect([withLength.status, unsaid.status]).toEqual([413, 413]);
        // 50 MB cost it 115.
        expect(residentMegabytes() - before).toBeLessThan(40);
      },
    );

    test("usual bodies are not", async () => {
      const { status } = await site.ask("/api/chat/register", {
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
      const headers = { authorization: password, origin: site.origin, "content-length": `${count}000000` };
      const answer = await site.ask("/api/admin/config/name", { method: "POST", headers, body: megabytes(count) });
      expect(answer.status).toBe(status);
    });
  });

  describe("a body that arrives byte by byte", () => {
    const connections = () => {
      const descriptors = `/proc/${site.owncast.pid()}/fd`;
      return readdirSync(descriptors).filter((fd) => linkOf(join(descriptors, fd)).startsWith("socket:")).length;
    };
    const head = () =>
      `POST /api/chat/register HTTP/1.1\r\nhost: ${new URL(site.origin).host}\r\ncontent-length: 1000\r\n\r\n`;
    /** Sends 20 such bodies while `look` runs. */
    async function dripped(look: () => Promise<void>): Promise<void> {
      const sockets = Array.from({ length: 20 }, () => dial(site.target));
      for (const socket of sockets) socket.write(head());
      const drip = setInterval(() => sockets.forEach((socket) => void socket.write(" ")), 500);
      try {
        await look();
      } finally {
        clearInterval(drip);
        for (const socket of sockets) socket.destroy();
      }
    }

    if (front === "caddy")
      test("does not hold a connection to Owncast forever", async ({ expect }) => {
        const before = connections();
        await dripped(async () => {
          await expect.poll(connections, { timeout: 20_000 }).toBeGreaterThan(before + 10);
          await expect.poll(connections, { timeout: 40_000, interval: 500 }).toBeLessThan(before + 3);
        });
      });
    // nginx reads a body whole before it connects to Owncast.
    else
      test("holds no connection to Owncast at all", async () => {
        const before = connections();
        await dripped(async () => {
          const seen: number[] = [];
          for (let looks = 0; looks < 20; looks++) {
            seen.push(connections());
            await sleep(100);
          }
          expect(Math.max(...seen)).toBeLessThan(before + 3);
        });
        // The same request reaches Owncast once its body is complete.
        expect(await rawRequest(site.target, [head(), " ".repeat(1000)])).toMatchObject({ status: 200 });
      });
  });
});

/** The file behind a file descriptor; empty if it has been closed since. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
