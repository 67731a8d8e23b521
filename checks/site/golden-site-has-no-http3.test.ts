import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import type { GoldenFront } from "../lib/site/front.ts";
import { onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import type { Front } from "../lib/site/golden-site.ts";
import { listensOnUdp } from "../lib/site/http3.ts";

const started: { readonly server: GoldenFront; readonly folder: string }[] = [];
afterAll(async () => {
  for (const { server, folder } of started) {
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

async function start(front: Front, host: string, sites: readonly string[]): Promise<GoldenFront> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-http3-"));
  const server = await startGoldenFront(front, host, { folder, sites });
  started.push({ server, folder });
  return server;
}

onEachFront((front) => {
  describe("without http3.enable", () => {
    it("nothing listens for it, and every response makes browsers forget it", async () => {
      const server = await start(front, "one", ["one.test"]);
      for (const path of ["/", "/api/status", "/hls/stream.m3u8", "/hls/0/stream-abc-1.ts", "/admin/"])
        expect([path, (await server.get("one.test", path)).headers["alt-svc"]]).toEqual([path, "clear"]);
      expect(listensOnUdp(server.ports.https)).toBe(false);
    });
  });
});

// The counterpart: this proves that the claim above can fail. The module refuses http3.enable with nginx.
test("with http3.enable browsers are told of it, on a port that listens", async () => {
  const server = await start("caddy", "two", ["one.test", "two.test", "www.two.test"]);
  for (const site of ["one.test", "two.test", "www.two.test"]) {
    const { headers } = await server.get(site, "/");
    expect(headers["alt-svc"]).toMatch(new RegExp(`^h3=":${server.ports.https}"; ma=\\d+$`));
  }
  expect(listensOnUdp(server.ports.https)).toBe(true);
});
