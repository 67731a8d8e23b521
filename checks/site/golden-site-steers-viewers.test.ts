import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createSilentServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDoor } from "../../src/services/doors/door-file.ts";
import { edgeDoor } from "../../src/services/doors/edge-door.ts";
import { type SteerService, startSteerService } from "../../src/services/steer/steer-service.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import type { GoldenFront } from "../lib/site/front.ts";
import { onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import { rawRequest } from "../lib/site/raw-request.ts";

const name = "one.test";
const secret = "the-secret-of-this-tests-edges-1234567890";
onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-steers-"));
  const socket = join(folder, "players.sock");
  const door = join(folder, "door");
  const toOwncast: string[] = [];
  const listen = async (server: Server): Promise<string> => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const edge = createServer((_, response) => response.end("edge: 1 connections\n"));
  const owncast = createServer(({ url = "" }, response) => {
    toOwncast.push(url);
    response.end("<html>Owncast's page</html>");
  });
  let service: SteerService;
  let site: GoldenFront;
  const startService = async (): Promise<void> => {
    service = await startSteerService({
      edges: join(folder, "edges.json"),
      listen: `unix:${socket}`,
      stateDir: join(folder, "state"),
      say: () => {},
    });
  };

  beforeAll(async () => {
    const url = `http://${await listen(edge)}`;
    const edges = [
      { name: "far", url, weight: 0, networks: ["192.0.2.0/24"] },
      { name: "paris", url },
      { name: "here", url, networks: ["127.0.0.0/8"] },
    ];
    writeFileSync(join(folder, "edges.json"), JSON.stringify({ edges }));
    await startService();
    mkdirSync(door);
    await openDoor({ folder: door, front }, edgeDoor(secret, front));
    const places = {
      "/run/steer-main/players.sock": socket,
      "/run/lectern/edge-door": door,
      "127.0.0.1:8080": await listen(owncast),
    };
    site = await startGoldenFront(front, "one-edges", { folder, sites: [name], places });
  });
  afterAll(async () => {
    await site?.stop();
    service?.stop();
    for (const server of [edge, owncast]) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => site.get(name, path, headers);
  const raw = (method: string, path: string, more = "") =>
    rawRequest({ port: site.ports.https, site: name }, [
      `${method} ${path} HTTP/1.1\r\nhost: ${name}:${site.ports.https}\r\n${more}\r\n`,
    ]);

  test("a player gets its order: JSON, for every page, in no cache", async () => {
    const { status, body } = await get("/steer?_HLS_pathway=%22paris%22&_HLS_throughput=5000000");
    expect(status).toBe(200);
    expect(JSON.parse(body.toString())["PATHWAY-PRIORITY"]).toEqual(["here", "paris", "origin", "far"]);
    const { headers } = await raw("GET", "/steer");
    expect([headers["cache-control"], headers["access-control-allow-origin"]]).toEqual([["no-store"], ["*"]]);
    expect(headers["content-type"]?.join()).toContain("application/json");
  });

  test("a viewer's network is that of the connection, whatever the viewer says", async () => {
    for (const header of ["X-Forwarded-For", "X-Real-IP", "Forwarded"]) {
      const { body } = await get("/steer", { [header]: "192.0.2.5" });
      expect([header, JSON.parse(body.toString())["PATHWAY-PRIORITY"][0]]).toEqual([header, "here"]);
    }
  });

  test("an edge that proves itself says which viewer asks, so that a page by an edge is steered by the viewer's network", async () => {
    const viewer = { "X-Forwarded-For": "192.0.2.5" };
    const first = async (shown: string) => {
      const { body } = await get("/steer", { ...viewer, "Lectern-Edge": shown });
      return JSON.parse(body.toString())["PATHWAY-PRIORITY"][0];
    };
    expect([await first(secret), await first(`${secret}x`), await first("unproven")]).toEqual(["far", "here", "here"]);
  });

  test("it is for reading alone", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "READ"]) {
      const { status, headers } = await raw(method, "/steer");
      expect([method, status, headers.allow]).toEqual([method, 405, ["GET, HEAD"]]);
    }
    expect((await raw("HEAD", "/steer")).status).toBe(200);
  });

  test("nothing else of the service is reachable", async () => {
    for (const path of ["/edges", "/metrics", "/edges/paris/drain", "/steer/../edges"])
      expect((await get(path)).body.toString()).not.toContain("paris");
  });

  test("while the service is down or hangs, a player gets an error within seconds, and never Owncast's page", async ({
    expect,
  }) => {
    service.stop();
    await expect.poll(async () => (await get("/steer")).status).toBe(503);
    rmSync(socket, { force: true });
    // This takes the front's time-out.
    if (isExhaustive) {
      const silent = createSilentServer().listen(socket);
      await once(silent, "listening");
      expect((await get("/steer")).status).toBe(503);
      silent.close();
    }
    await startService();
    await expect.poll(async () => (await get("/steer")).status).toBe(200);
    expect(toOwncast.filter((url) => /^\/steer(\?|$)/.test(url))).toEqual([]);
  });

  test("the access log has none of these requests", async ({ expect }) => {
    await get("/logged");
    const log = () => (existsSync(site.accessLog("main")) ? readFileSync(site.accessLog("main"), "utf8") : "");
    await expect.poll(log, { timeout: 20_000 }).toContain('"/logged"');
    expect(log()).not.toContain('"/steer"');
  });
});
