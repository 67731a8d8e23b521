import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { type GoldenCaddy, startGoldenCaddy } from "../lib/site/golden-caddy.ts";
import { listensOnUdp } from "../lib/site/http3.ts";

const started: { readonly caddy: GoldenCaddy; readonly folder: string }[] = [];
afterAll(async () => {
  for (const { caddy, folder } of started) {
    await caddy.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

async function start(host: string, sites: readonly string[]): Promise<GoldenCaddy> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-http3-"));
  const caddy = await startGoldenCaddy(host, { folder, sites });
  started.push({ caddy, folder });
  return caddy;
}

describe("without http3.enable", () => {
  it("nothing listens for it, and every response makes browsers forget it", async () => {
    const caddy = await start("one", ["one.test"]);
    for (const path of ["/", "/api/status", "/hls/stream.m3u8", "/hls/0/stream-abc-1.ts", "/admin/"])
      expect([path, (await caddy.get("one.test", path)).headers["alt-svc"]]).toEqual([path, "clear"]);
    expect(listensOnUdp(caddy.ports.https)).toBe(false);
  });
});

// The counterpart: this proves that the claim above can fail.
test("with http3.enable browsers are told of it, on a port that listens", async () => {
  const caddy = await start("two", ["one.test", "two.test", "www.two.test"]);
  for (const site of ["one.test", "two.test", "www.two.test"]) {
    const { headers } = await caddy.get(site, "/");
    expect(headers["alt-svc"]).toMatch(new RegExp(`^h3=":${caddy.ports.https}"; ma=\\d+$`));
  }
  expect(listensOnUdp(caddy.ports.https)).toBe(true);
});
