import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GoldenFront } from "../lib/site/front.ts";
import { onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import { rawRequest } from "../lib/site/raw-request.ts";

// Request targets that a page can make any browser send …
const paths = [
  "//evil.example",
  "///evil.example/",
  "/\\evil.example",
  "/\\/evil.example",
  "/@evil.example",
  "/%2f%2fevil.example",
  "/..//evil.example",
  "/?@evil.example",
  "/#@evil.example",
  "/x%0d%0aLocation:%20https://evil.example/",
  "/%E5%98%8A%E5%98%8DLocation:evil.example",
];
// … and those that only a program can send, which misleads only itself.
const noPaths = [
  "@evil.example/",
  ".evil.example/",
  ":80@evil.example/",
  "x:.evil.example/",
  "x:@evil.example/",
  "https:evil.example",
  "https://evil.example/",
  "https://evil.example:443//x",
  "*",
];
const host = (where: string) => new URL(where).host;

onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-redirects-"));
  let server: GoldenFront;
  beforeAll(async () => {
    server = await startGoldenFront(front, "two", { folder, sites: ["two.test", "www.two.test"], redirects: true });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  describe.each(["GET", "OPTIONS", "HEAD"])("%s", (method) => {
    it.each([...paths, ...noPaths])("of %s at an alias leads to the domain or nowhere", async (target) => {
      const head = `${method} ${target} HTTP/1.1\r\nHost: www.two.test\r\n\r\n`;
      const { headers } = await rawRequest({ port: server.ports.https, site: "www.two.test" }, [head]);
      const [location, ...more] = headers.location ?? [];
      expect(more).toEqual([]);
      if (location !== undefined) expect(host(location)).toBe("two.test");
    });

    // The front's own redirect to HTTPS.
    it.each(paths)("of %s over plain http leads to the same name", async (target) => {
      const head = `${method} ${target} HTTP/1.1\r\nHost: two.test\r\n\r\n`;
      const { status, headers } = await rawRequest({ port: server.ports.http }, [head]);
      const [location, ...more] = headers.location ?? [];
      expect(more).toEqual([]);
      // nginx refuses a path that leads out of the site.
      if (front === "nginx" && target.startsWith("/../")) return expect([status, location]).toEqual([400, undefined]);
      expect(host(location ?? "")).toMatch(/^two\.test(:\d+)?$/);
    });
  });

  it.each(["evil.example", "two.test@evil.example", "two.test.evil.example", "www.two.test, evil.example"])(
    "who comes by the name %s is led away from none of the stage's",
    async (name) => {
      const head = `GET /x HTTP/1.1\r\nHost: ${name}\r\n\r\n`;
      const { headers } = await rawRequest({ port: server.ports.https, site: "www.two.test" }, [head]);
      expect(headers.location).toBeUndefined();
      // Plain http redirects to HTTPS under the requested name. That name is no stage's, and has no certificate here.
      const plain = await rawRequest({ port: server.ports.http }, [head]);
      for (const location of plain.headers.location ?? []) expect(host(location)).toBe(name);
    },
  );
});
