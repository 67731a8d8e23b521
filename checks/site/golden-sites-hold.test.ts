import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { cacheIn, type GoldenFront } from "../lib/site/front.ts";
import { caddyEnvironment, placesIn } from "../lib/site/golden-caddy.ts";
import { onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import { goldenFile, goldenSite, hostsWith } from "../lib/site/golden-site.ts";
import { rawRequest } from "../lib/site/raw-request.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-sites-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe("the Caddyfile that NixOS writes for each host", () => {
  const caddy = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(findProgram("caddy"), args, {
      encoding: "utf8",
      env: caddyEnvironment(folder),
    });
    return { status, stdout, stderr };
  };

  it.each(hostsWith("caddy"))("%s: Caddy takes it, and its formatter leaves it as it is", (host) => {
    const file = join(folder, `${host}.caddyfile`);
    writeFileSync(file, goldenSite(host, placesIn(folder)));
    expect(caddy("validate", "--config", file, "--adapter", "caddyfile")).toMatchObject({ status: 0 });
    const adapted = caddy("adapt", "--config", file, "--adapter", "caddyfile");
    const warnings = adapted.stderr.split("\n").filter((line) => line.includes("warn"));
    // If the password file is missing, a private stage is closed, and Caddy starts nevertheless.
    expect(warnings.filter((line) => !line.includes("No files matching import glob pattern"))).toEqual([]);
    const { apps } = JSON.parse(adapted.stdout);
    const listens = Object.values(apps.http.servers).flatMap((server) => (server as { listen: string[] }).listen);
    // Only this machine reaches the ports without TLS.
    expect(listens.filter((address) => !/^tcp\/127\.0\.0\.1:\d+$|^127\.0\.0\.1:\d+$/.test(address))).toEqual([":443"]);
    const golden = goldenFile("caddy", host);
    expect(caddy("fmt", golden).stdout).toBe(readFileSync(golden, "utf8"));
  });
});

onEachFront((front) => {
  describe("a host's sites while no Owncast answers", () => {
    let server: GoldenFront;
    const place = join(folder, front);
    const cache = join(cacheIn(place), "main");
    let strangers: Server[];

    beforeAll(async () => {
      strangers = await Promise.all([8080, 8081].map(listenAsAnother));
      for (const each of ["hls/0", "hls-kept/0"]) mkdirSync(join(cache, each), { recursive: true });
      const put = (name: string, text: string) => writeFileSync(join(cache, name), text);
      put("hls-kept/0/stream-abc-0.ts", "held");
      put("hls-kept/0/stream-abc-1.ts", "segment");
      put("hls/0/stream-abc-1.ts", "segment");
      put("hls/0/stream-abc-3.ts", "half a seg");
      put("hls/0/stream-abc-4.ts", "");
      writeFileSync(join(place, "another-secret"), "another secret");
      for (const each of ["hls/0", "hls-kept/0"])
        symlinkSync(join(place, "another-secret"), join(cache, each, "stream-abc-5.ts"));
      const sites = ["one.test", "two.test", "www.two.test", "zwei.test"];
      server = await startGoldenFront(front, "two", { folder: place, sites });
    });
    afterAll(async () => {
      for (const stranger of strangers ?? []) stranger.close();
      await server?.stop();
    });

    const get: GoldenFront["get"] = (...asked) => server.get(...asked);

    it("a browser gets a page that says so and looks again by itself", async () => {
      const { status, headers, body } = await get("one.test", "/", { accept: "text/html,application/xhtml+xml" });
      expect(status).toBe(503);
      expect(headers).toMatchObject({ "cache-control": "no-store", "retry-after": "5" });
      expect(headers["content-type"]).toContain("text/html");
      expect(body.toString()).toContain('<meta http-equiv="refresh" content="5">');
      expect(body.toString()).not.toMatch(/https?:\/\//);
    });

    it("a program gets a line of text", async () => {
      const { status, headers, body } = await get("one.test", "/api/status", { accept: "*/*" });
      expect(status).toBe(503);
      expect(headers["content-type"]).toContain("text/plain");
      expect(body.toString()).toBe("The stage does not answer right now.");
    });

    it("segments on disk are still served, and absent ones are not", async () => {
      expect((await get("one.test", "/hls/0/stream-abc-1.ts")).body.toString()).toBe("segment");
      expect((await get("one.test", "/hls/0/stream-abc-0.ts")).body.toString()).toBe("held");
      expect((await get("one.test", "/hls/0/stream-abc-2.ts")).status).toBe(404);
      expect((await get("two.test", "/hls/0/stream-abc-1.ts")).status).toBe(404);
    });

    const whole = [200, "public, max-age=31557600", "video/mp2t", "*"];
    const unfinished = [200, "no-store", "video/mp2t", "*"];
    const absent = [404, "no-store", "text/plain; charset=utf-8", undefined];
    it.each([
      ["the keeper and Owncast have", "1", whole],
      ["the keeper alone has", "0", whole],
      ["Owncast still writes", "3", unfinished],
      ["Owncast has just begun", "4", unfinished],
      ["nobody has", "2", absent],
    ])(
      "a segment that %s gets the right headers for caches and for players on other pages",
      async (_, number, told) => {
        const asked = { "accept-encoding": "zstd, gzip" };
        const { status, headers } = await get("one.test", `/hls/0/stream-abc-${number}.ts`, asked);
        const names = ["cache-control", "content-type", "access-control-allow-origin"];
        expect([status, ...names.map((name) => headers[name])]).toEqual(told);
        expect(headers["content-encoding"]).toBeUndefined();
      },
    );

    // Caddy 2.6 sets no header by a status, and has no setting for links. nginx can also read the files and keys of other sites.
    if (front === "nginx") {
      it.each<[number, string, string, Record<string, string>]>([
        [405, "another method", "POST", {}],
        [412, "a condition that does not hold", "GET", { "if-match": '"other"' }],
        [413, "a body", "GET", { "content-length": "100001" }],
        [416, "a range behind its end", "GET", { range: "bytes=99-" }],
      ])("no cache may keep the %i for a segment, after a request with %s", async (status, _, method, asked) => {
        const lines = Object.entries({ host: "one.test", ...asked }).map((line) => `${line.join(": ")}\r\n`);
        const target = { port: server.ports.https, site: "one.test" };
        const request = `${method} /hls/0/stream-abc-1.ts HTTP/1.1\r\n${lines.join("")}\r\n`;
        const answer = await rawRequest(target, [request]);
        expect([answer.status, answer.headers["cache-control"]?.at(-1)]).toEqual([status, "no-store"]);
      });

      it("a link in the folder of segments leads nowhere", async () => {
        const { status, body } = await get("one.test", "/hls/0/stream-abc-5.ts");
        expect([status, body.toString()]).toEqual([404, "No such segment"]);
      });
    }

    it("a range of a segment is served", async () => {
      const { status, headers, body } = await get("one.test", "/hls/0/stream-abc-1.ts", { range: "bytes=1-3" });
      expect({ status, range: headers["content-range"], body: `${body}` }).toEqual({
        status: 206,
        range: "bytes 1-3/7",
        body: "egm",
      });
    });

    it.each(["/admin", "/admin/", "/api/admin/status", "/ADMIN/"])(
      "%s answers 404 to addresses that are not allowed",
      async (path) => {
        for (const host of ["one.test", "two.test"])
          expect((await get(host, path, { "x-forwarded-for": "10.1.2.3" })).status).toBe(404);
      },
    );

    it.each(["www.two.test", "zwei.test"])("the alias %s sends on to the domain, path and all", async (alias) => {
      const { status, headers } = await get(alias, "/embed/video?x=1");
      expect(status).toBe(301);
      expect(headers.location).toBe("https://two.test/embed/video?x=1");
    });

    it("the access log holds no token and no viewer's whole address", async () => {
      const token = "SECRET-of-a-viewer";
      await get("one.test", `/ws?accessToken=${token}`, {
        authorization: `Bearer ${token}`,
        cookie: `session=${token}`,
      });
      await get("one.test", `/api/auth/callback?state=1&code=${token}`, { referer: `https://one.test/?code=${token}` });
      for (const path of ["/hls/stream.m3u8", "/hls/0/stream-abc-1.ts"]) await get("one.test", path);
      await get("www.two.test", `/?code=${token}`, { "x-forwarded-for": "192.0.2.77" });
      const read = () =>
        [server.accessLog("main"), server.accessLog("second", "-aliases")]
          .map((file) => readFileSync(file, "utf8"))
          .join("");
      for (let tries = 0; !read().includes('"/api/auth/callback"') || !read().includes("www.two.test"); tries++) {
        if (tries > 600) throw new Error(`the requests were not logged:\n${read()}`);
        await sleep(50);
      }
      const text = read();
      expect(text).toContain('"uri":"/ws"');
      expect(text).not.toContain(token);
      expect(text).not.toContain("192.0.2.77");
      // No Owncast answers: the front itself has errors to tell.
      expect(readFileSync(server.logFile, "utf8")).not.toContain(token);
      expect(text).not.toMatch(/"(resp_)?headers"/);
      // The access log leaves out playlists and video.
      expect(text).not.toContain("/hls/");
      const addresses = [...text.matchAll(/"(?:remote|client)_ip":"([^"]*)"/g)].map(([, address]) => address);
      expect(new Set(addresses)).toEqual(new Set(["127.0.0.0"]));
    });
  });
});

/** Another program, such as a demo, may listen on these ports. The sites must not send requests to it. */
async function listenAsAnother(port: number): Promise<Server> {
  const server = createServer((_, response) => response.end("another program")).listen(port, "127.0.0.1");
  // If another program has the port already, the test still holds.
  await Promise.race([once(server, "listening"), once(server, "error")]).catch(() => {});
  return server;
}
