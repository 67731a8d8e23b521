import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { verb } from "../../src/commands/viewers-door.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { probe } from "../../src/probe/probe.ts";
import { checklistLines } from "../../src/probe/probe-text.ts";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import { viewersAuthorization } from "../../src/viewer/viewer-credentials.ts";
import { send } from "../lib/owncast/clicked-together.ts";
import { adminRoutes, publicRoutes } from "../lib/owncast/owncast-routes.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { runVerb } from "../lib/process/run-verb.ts";
import { cacheIn } from "../lib/site/front.ts";
import { doorFor, onEachFront } from "../lib/site/golden-front.ts";
import { password as adminPassword, type GuardedSite, guardSite } from "../lib/site/guarded-site.ts";

const first = "gläsern & 12:34";
const second = "another evening";
const script = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };

onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-private-"));
  const passwordFile = join(folder, "password");
  let owncast: PlainOwncast;
  /** Three sites before one Owncast: one always asks for the password, one lets loopback watch, one lets loopback administer. */
  let closed: GuardedSite;
  let inside: GuardedSite;
  let admins: GuardedSite;
  const sites: GuardedSite[] = [];

  const doorOf = (name: string) => join(folder, name);
  const site = async (name: string, places: Readonly<Record<string, string>> = {}): Promise<GuardedSite> => {
    mkdirSync(doorOf(name));
    const door = { "/run/lectern/main-viewers": doorOf(name) };
    // By its own name, so that a player without this test's resolver finds it.
    const renamed = { ...door, ...places, "one.test": "localhost" };
    const started = await guardSite(owncast, { front, host: "one-private", site: "localhost", places: renamed });
    sites.push(started);
    return started;
  };

  /** The command of the host's unit. Resolves to its exit code and its output. */
  const tellDoor = ({ front: server }: GuardedSite, name: string) =>
    runVerb(verb, [
      "--password-file",
      passwordFile,
      "--to",
      doorOf(name),
      ...doorFor[front].flags,
      "--",
      ...server.reload,
    ]);

  beforeAll(async () => {
    owncast = await startPlainOwncast();
    // Short segments of a small picture: players have what they need sooner.
    const small = {
      name: "S",
      scaledWidth: 320,
      scaledHeight: 180,
      framerate: 15,
      videoBitrate: 400,
      cpuUsageLevel: 0,
    };
    for (const [name, value] of Object.entries({
      streamlatencylevel: 0,
      streamoutputvariants: [{ ...small, audioPassthrough: true }],
    }))
      await send(owncast.admin, `config/video/${name}`, { value });
    writeFileSync(passwordFile, `${first}\n`, { mode: 0o600 });
    closed = await site("closed");
    inside = await site("inside", { "192.0.2.0/24": "127.0.0.0/8" });
    admins = await site("admins", { "203.0.113.0/24": "127.0.0.0/8" });
    // Segments like those of the keeper and Owncast on a host.
    const cache = join(cacheIn(closed.folder), "main");
    mkdirSync(cache, { recursive: true });
    for (const name of ["hls", "hls-kept"]) symlinkSync(owncast.hlsDir, join(cache, name));
  });
  afterAll(async () => {
    for (const one of sites) await one.stop();
    await owncast?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const statusesOf = async (from: GuardedSite, paths: readonly string[], headers: Record<string, string> = {}) => {
    const found: [string, number][] = [];
    for (const path of paths) found.push([path, (await from.ask(path, { headers })).status]);
    return found;
  };
  const all = (paths: readonly string[], status: number) => paths.map((path) => [path, status]);
  const everything = [...publicRoutes, ...adminRoutes];
  const withPassword = (password: string) => ({ authorization: viewersAuthorization(password) });
  const cookieFrom = async (password = first) => {
    const { headers } = await closed.ask("/", { headers: withPassword(password) });
    const [given = ""] = headers["set-cookie"] ?? [];
    return given;
  };

  describe("before the front has a password", () => {
    it("a private stage is closed at every path", async () => {
      expect(await statusesOf(closed, everything)).toEqual(all(everything, 503));
    });

    it.each<[string, Record<string, string>]>([
      ["a password", withPassword(first)],
      ["an empty password", { authorization: viewersAuthorization("") }],
      ["the admin's password", { authorization: adminPassword }],
      ["an empty cookie", { cookie: "__Host-lectern-viewer=" }],
      [
        "a cookie that names what Caddy compares it with",
        { cookie: "__Host-lectern-viewer={http.vars.lectern_cookie}" },
      ],
      ["a header that names what nginx compares it with", { authorization: "known", cookie: "$http_cookie" }],
      ["a name that a proxy would give", { "x-forwarded-for": "192.0.2.7", forwarded: "for=192.0.2.7" }],
    ])("%s opens nothing", async (_, headers) => {
      expect((await closed.ask("/", { headers })).status).toBe(503);
      expect((await closed.ask("/hls/stream.m3u8", { headers })).status).toBe(503);
    });
  });

  describe("with a password", () => {
    beforeAll(async () => {
      for (const [one, name] of [
        [closed, "closed"],
        [inside, "inside"],
        [admins, "admins"],
      ] as const)
        expect(await tellDoor(one, name)).toMatchObject({ code: 0 });
    });

    test("its file is for the front alone, and Caddy's holds a hash and no password", () => {
      const file = join(doorOf("closed"), doorFor[front].file);
      const written = readFileSync(file, "utf8");
      expect(written).not.toContain(first);
      expect(statSync(file).mode & 0o007).toBe(0);
      // nginx would compute a hash in the one loop that serves all viewers, so its file has the header itself.
      const header = viewersAuthorization(first).slice("Basic ".length);
      if (front === "nginx") return expect(written).toContain(header);
      expect(written).toMatch(/\tviewer "\$2[ab]\$06\$/);
      expect(written).not.toContain(header);
    });

    it("a stranger is asked for it at every path, with every method", async () => {
      expect(await statusesOf(closed, everything)).toEqual(all(everything, 401));
      for (const method of ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "READ", "PROPFIND"])
        for (const path of ["/", "/hls/stream.m3u8", "/hls/0/stream-abc-1.ts", "/api/chat/register", "/admin/"])
          expect([method, path, (await closed.ask(path, { method })).status]).toEqual([method, path, 401]);
      const { headers } = await closed.ask("/");
      expect(headers["www-authenticate"]).toEqual(['Basic realm="Private stage. User name: viewer", charset="UTF-8"']);
      expect(headers["cache-control"]).toEqual(["no-store"]);
    });

    it("a websocket is not opened for a stranger", async () => {
      const upgrade = { connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
      const headers = { ...upgrade, "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
      expect((await closed.ask("/ws?accessToken=x", { headers })).status).toBe(401);
    });

    it.each<[string, () => Record<string, string>]>([
      ["another password", () => withPassword("not the password")],
      ["what the password begins with", () => withPassword(first.slice(0, -1))],
      ["another name", () => ({ authorization: `Basic ${Buffer.from(`admin:${first}`).toString("base64")}` })],
      ["the admin's password", () => ({ authorization: adminPassword })],
      ["a bot's token", () => ({ authorization: "Bearer x" })],
      ["half a header", () => ({ authorization: "Basic dmlld2VyOg" })],
      [
        "a cookie that names what Caddy compares it with",
        () => ({ cookie: "__Host-lectern-viewer={vars.lectern_cookie}" }),
      ],
      ["the same, as Caddy has it", () => ({ cookie: "__Host-lectern-viewer={http.vars.lectern_cookie}" })],
      ["a cookie that is empty", () => ({ cookie: "__Host-lectern-viewer=" })],
      ["an address that a proxy would give", () => ({ "x-forwarded-for": "192.0.2.7", "x-real-ip": "192.0.2.7" })],
    ])("%s opens nothing", async (_, headers) => {
      for (const path of ["/", "/hls/stream.m3u8", "/hls/0/stream-abc-1.ts", "/ws", "/api/status", "/admin/"])
        expect([path, (await closed.ask(path, { headers: headers() })).status]).toEqual([path, 401]);
    });

    const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
    // nginx compares the whole header with one text, which costs nothing.
    if (front === "caddy") {
      // Caddy's own challenge names no charset. It computes for a second for an unknown name, and caches compared passwords.
      const isCompared = async (headers: Record<string, string>) =>
        !`${(await closed.ask("/", { headers })).headers["www-authenticate"]}`.includes("charset");

      it("Caddy compares a password only with the right name and a possible length", async () => {
        const comparedBy = (name: string, password: string) => isCompared({ authorization: basic(name, password) });
        expect(await comparedBy("viewer", "x".repeat(72))).toBe(true);
        for (const [name, password] of [
          ["viewer", "x".repeat(76)],
          ["viewer", "x".repeat(10_000)],
          ["Viewer", "x"],
          ["viewers", "x"],
          ["", "x"],
        ] as const)
          expect([name, password.length, await comparedBy(name, password)]).toEqual([name, password.length, false]);
      });

      // Caddy compares the first header, even if another header looks right.
      it.each<[string, string]>([
        ["another name", basic("nobody", "x")],
        ["a long password", basic("viewer", "x".repeat(100_000))],
        ["a right one", viewersAuthorization(first)],
        ["nothing", ""],
      ])("%s and a wrong password in two headers are not compared, in either order", async (_, other) => {
        const wrong = basic("viewer", "zzz");
        for (const [authorization, Authorization] of [
          [other, wrong],
          [wrong, other],
        ] as const) {
          const headers = { authorization, Authorization };
          expect((await closed.ask("/", { headers })).status).toBe(401);
          expect(await isCompared(headers)).toBe(false);
        }
        expect((await closed.ask("/", { headers: withPassword(first) })).status).toBe(200);
      });

      it("Caddy's placeholders in a stranger's header are not compared", async () => {
        for (const authorization of ["{http.request.header.X-Shown}", "Basic dmlld2VyO{http.request.header.X-Rest}"])
          expect(await isCompared({ authorization, "x-shown": viewersAuthorization(first), "x-rest": "mcxeA==" })).toBe(
            false,
          );
      });
    } else
      it.each<[string, string]>([
        ["another name", basic("nobody", "x")],
        ["a long password", basic("viewer", "x".repeat(7000))],
        ["a right one", viewersAuthorization(first)],
        ["nothing", ""],
      ])("%s and a wrong password in two headers open nothing, in either order", async (_, other) => {
        const wrong = basic("viewer", "zzz");
        for (const [authorization, Authorization] of [
          [other, wrong],
          [wrong, other],
        ] as const)
          expect((await closed.ask("/", { headers: { authorization, Authorization } })).status).toBeGreaterThanOrEqual(
            400,
          );
      });

    it("of two headers with cookies, the first one that names the viewer's counts", async () => {
      const [cookie = ""] = (await cookieFrom()).split(";");
      const wrong = "__Host-lectern-viewer=x";
      const statusFor = async (headers: Record<string, string>) => (await closed.ask("/", { headers })).status;
      expect(await statusFor({ cookie: "theme=dark", Cookie: cookie })).toBe(200);
      expect(await statusFor({ cookie, Cookie: wrong })).toBe(200);
      expect(await statusFor({ cookie: wrong, Cookie: cookie })).toBe(401);
    });

    it("it opens everything for viewers, and nothing for admins", async () => {
      const direct = async (path: string) => (await fetch(`${owncast.url}${path}`, { redirect: "manual" })).status;
      for (const path of [
        "/",
        "/embed/video",
        "/api/status",
        "/api/config",
        "/logo",
        "/hls/stream.m3u8",
        "/robots.txt",
      ])
        expect([path, (await closed.ask(path, { headers: withPassword(first) })).status]).toEqual([
          path,
          await direct(path),
        ]);
      // The chat and bots need tokens of their own, which Owncast checks.
      for (const [path, status] of await statusesOf(closed, publicRoutes, withPassword(first)))
        expect([path, status === 401 && !/^\/(ws|api\/(chat|integrations|moderation))/.test(path)]).toEqual([
          path,
          false,
        ]);
      for (const path of ["/admin", "/admin/", "/api/admin/status"])
        expect([path, (await closed.ask(path, { headers: withPassword(first) })).status]).toEqual([path, 404]);
    });

    it("a viewer who has shown it gets a cookie that opens the same, for this site over HTTPS only", async () => {
      const given = await cookieFrom();
      expect(given).toMatch(/^__Host-lectern-viewer=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
      const [cookie = ""] = given.split(";");
      for (const path of ["/", "/api/status", "/embed/video/", "/logo"]) {
        const { status, headers } = await closed.ask(path, { headers: { cookie: `theme=dark; ${cookie}; x=y` } });
        expect([path, status, headers["set-cookie"]]).toEqual([path, 200, undefined]);
      }
      for (const wrong of [`${cookie}x`, cookie.slice(0, -1), `x${cookie}`, cookie.toLowerCase()])
        expect([wrong, (await closed.ask("/", { headers: { cookie: wrong } })).status]).toEqual([wrong, 401]);
    });

    it("Owncast does not get it, but gets all other passwords as usual", async () => {
      const seen: (string | undefined)[] = [];
      const echo = createServer(({ headers }, response) => {
        seen.push(headers.authorization);
        response.end();
      }).listen(0, "127.0.0.1");
      await once(echo, "listening");
      const upstream = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
      const echoed = await site("echoed", { "127.0.0.1:8080": upstream, "203.0.113.0/24": "127.0.0.0/8" });
      seen.length = 0;
      for (const authorization of [viewersAuthorization(first), adminPassword, "Bearer x"])
        await echoed.ask("/api/integrations/clients", { headers: { authorization } });
      // Of two headers, Owncast gets neither. nginx refuses such a request.
      const both = { authorization: adminPassword, Authorization: viewersAuthorization(first) };
      await echoed.ask("/api/integrations/clients", { headers: both });
      expect(seen).toEqual([undefined, adminPassword, "Bearer x", ...(front === "nginx" ? [] : [undefined])]);
      echo.close();
    });

    it("shared caches and scripts of other sites may not use what it opens", async () => {
      for (const path of ["/", "/api/status", "/api/config", "/hls/stream.m3u8", "/logo", "/robots.txt"]) {
        const { headers } = await closed.ask(path, {
          headers: { ...withPassword(first), origin: "https://other.example" },
        });
        const [caching = "", ...more] = headers["cache-control"] ?? [];
        expect([path, more, /\bpublic\b/.test(caching), /\b(private|no-store)\b/.test(caching)]).toEqual([
          path,
          [],
          false,
          true,
        ]);
        expect([path, headers["access-control-allow-origin"]]).toEqual([path, undefined]);
      }
    });

    it("a network of viewers.allow needs no password, and gets no more than viewers get", async () => {
      for (const path of ["/", "/api/status", "/embed/video/"]) expect((await inside.ask(path)).status).toBe(200);
      for (const path of ["/admin/", "/api/admin/status"]) expect((await inside.ask(path)).status).toBe(404);
      const { headers } = await inside.ask("/api/config");
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    });

    it("a network of admin.allow needs only Owncast's own password, as usual", async () => {
      expect((await admins.ask("/admin/", { headers: { "sec-fetch-site": "none" } })).status).toBe(401);
      const asAdmin = { headers: { authorization: adminPassword, ...script } };
      expect((await admins.ask("/api/admin/status", asAdmin)).status).toBe(200);
      expect(
        (await admins.ask("/admin/", { headers: { authorization: adminPassword, "sec-fetch-site": "none" } })).status,
      ).toBe(200);
      // The admin page's own files.
      expect((await admins.ask("/api/status")).status).toBe(200);
    });

    it("the port for SSH tunnels asks only for Owncast's own password", async () => {
      const [port = 0] = closed.front.ports.admin;
      const at = (path: string, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
      expect((await at("/admin/")).status).toBe(401);
      expect((await at("/api/status")).status).toBe(200);
      const headers = { authorization: adminPassword, origin: `http://127.0.0.1:${port}` };
      expect((await at("/api/admin/status", headers)).status).toBe(200);
    });

    describe("and a camera", () => {
      let camera: Publisher;
      beforeAll(async () => {
        const picture = { width: 320, height: 180, fps: 25, bitrateKbps: 400 };
        camera = startPublisher({ target: owncast.rtmp, streamKey: "abc123", ...picture });
        await camera.started;
      });
      afterAll(async () => camera?.stop());

      const look = (viewerPassword?: string) =>
        probe({
          ...{ url: closed.origin, caFile: closed.caFile, chat: true, viewerPassword },
          ...{ deadlineSeconds: viewerPassword === first ? 60 : 0.1 },
        });

      it("lectern probe finds no fault of the stream, page and chat, and strangers kept out", async () => {
        const report = await look(first);
        // A fresh Owncast's page text loads resources from other sites.
        const failed = report.faults.filter(({ check }) => check !== "origins");
        expect([checklistLines(report), failed]).toEqual([expect.any(Array), []]);
        const passed = report.checks.filter(({ outcome }) => outcome === "passed").map(({ check }) => check);
        expect(passed).toEqual(
          expect.arrayContaining(["private", "admin", "chat", "page", "caching", "cors", "recent"]),
        );
      });

      it("lectern probe says what to do without the password, and with a wrong one", async () => {
        for (const password of [undefined, "not the password"])
          expect((await look(password)).faults).toContainEqual({
            check: "online",
            message: expect.stringContaining("--viewer-password-file"),
          });
      });

      it("only viewers get segments, and shared caches may not keep them", async () => {
        const master = await (await fetch(`${owncast.url}/hls/0/stream.m3u8`)).text();
        const name = master.split("\n").findLast((line) => line.endsWith(".ts"));
        const path = `/hls/0/${name}`;
        expect((await closed.ask(path)).status).toBe(401);
        const { status, headers } = await closed.ask(path, { headers: withPassword(first) });
        expect([status, headers["cache-control"], headers["access-control-allow-origin"]]).toEqual([
          200,
          ["private, max-age=31557600"],
          undefined,
        ]);
      });

      it("ffmpeg plays with the password in the URL, and not without it", async () => {
        const play = async (credentials: string) => {
          const { host } = new URL(closed.origin);
          const address = `https://${credentials}${host}/hls/stream.m3u8`;
          const flags = ["-v", "error", "-i", address, "-t", "2", "-map", "0:v:0", "-f", "null", "-"];
          const player = spawn(findProgram("ffmpeg"), flags, { stdio: ["ignore", "ignore", "pipe"] });
          const [said, [code]] = await Promise.all([text(player.stderr), once(player, "exit")]);
          return { code, said };
        };
        expect(await play(`viewer:${encodeURIComponent(first)}@`)).toMatchObject({ code: 0 });
        expect(await play("")).toMatchObject({ said: expect.stringContaining("401") });
      });

      it("a password that changes takes effect by a reload: the old one and its cookie open nothing, and the camera goes on", async () => {
        const [oldCookie = ""] = (await cookieFrom()).split(";");
        writeFileSync(passwordFile, `${second}\n`);
        expect(await tellDoor(closed, "closed")).toMatchObject({ code: 0 });
        expect((await closed.ask("/", { headers: withPassword(second) })).status).toBe(200);
        expect((await closed.ask("/", { headers: withPassword(first) })).status).toBe(401);
        expect((await closed.ask("/", { headers: { cookie: oldCookie } })).status).toBe(401);
        expect(await (await fetch(`${owncast.url}/api/status`)).json()).toMatchObject({ online: true });
      });
    });

    it("the same password again changes nothing, so the front does not reload", async () => {
      const file = join(doorOf("closed"), doorFor[front].file);
      const before = readFileSync(file, "utf8");
      const flags = ["--password-file", passwordFile, "--to", doorOf("closed"), ...doorFor[front].flags, "--"];
      expect((await runVerb(verb, [...flags, "false"])).code).toBe(0);
      expect(readFileSync(file, "utf8")).toBe(before);
    });

    it.each<[string, () => void]>([
      ["is missing", () => rmSync(passwordFile)],
      ["cannot be used", () => writeFileSync(passwordFile, "")],
    ])("a password that %s closes the stage to all who need one, and says so", async (_, spoil) => {
      writeFileSync(passwordFile, second);
      await tellDoor(closed, "closed");
      expect((await closed.ask("/", { headers: withPassword(second) })).status).toBe(200);
      spoil();
      const { code, stderr } = await tellDoor(closed, "closed");
      expect([code, stderr]).toEqual([
        65,
        expect.stringContaining("the stage is closed to everybody who needs the password"),
      ]);
      expect((await closed.ask("/", { headers: withPassword(second) })).status).toBe(503);
      expect((await closed.ask("/hls/stream.m3u8")).status).toBe(503);
      // Its network needs no password.
      expect((await inside.ask("/")).status).toBe(200);
    });
  });
});
