import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verb } from "../../src/commands/rehearsal-door.ts";
import { rehearsalPath } from "../../src/viewer/rehearsal-token.ts";
import { runVerb } from "../lib/process/run-verb.ts";
import type { GoldenFront } from "../lib/site/front.ts";
import { doorFor, onEachFront, startGoldenFront } from "../lib/site/golden-front.ts";
import { rawRequest } from "../lib/site/raw-request.ts";

onEachFront((front) => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-rehearsals-"));
  const tokenFile = join(folder, "rehearsal-token");
  const makeToken = () => randomBytes(32).toString("base64url");
  const token = makeToken();
  const anotherStages = makeToken();
  const site = "one.test";

  /** Records what reaches Owncast. */
  const asked: string[] = [];
  const upstream = createServer(({ url = "", headers }, response) => {
    asked.push(`${url} ${JSON.stringify(headers)}`);
    response.end();
  });

  interface Site {
    readonly server: GoldenFront;
    readonly door: string;
  }
  const sites: Site[] = [];
  /** The site of a golden host. */
  async function startSite(host: string, name: string): Promise<Site> {
    const place = join(folder, name);
    const door = join(place, "door");
    mkdirSync(door, { recursive: true });
    const doors: Record<string, string> = host === "one" ? {} : { "/run/lectern/main-rehearsal": door };
    const places = { ...doors, "127.0.0.1:8080": `127.0.0.1:${(upstream.address() as AddressInfo).port}` };
    const server = await startGoldenFront(front, host, { folder: place, sites: [site], places });
    sites.push({ server, door });
    return { server, door };
  }

  /** A private stage that allows rehearsals, and a public stage that does not. */
  let allowing: Site;
  let refusing: Site;
  beforeAll(async () => {
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    allowing = await startSite("one-private", "allowing");
    refusing = await startSite("one", "refusing");
  });
  afterAll(async () => {
    for (const { server } of sites) await server.stop();
    upstream.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  interface Request {
    readonly path?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }
  const ask = ({ server }: Site, { path = rehearsalPath, method = "GET", headers = {} }: Request = {}) => {
    const lines = Object.entries({ host: `${site}:${server.ports.https}`, ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return rawRequest({ port: server.ports.https, site }, [`${method} ${path} HTTP/1.1\r\n${head}\r\n`]);
  };
  const statusOf = async (from: Site, request?: Request) => (await ask(from, request)).status;
  const showing = (value: string): Request => ({ headers: { "Lectern-Rehearsal": value } });

  /** The command of the host's unit. Resolves to its exit code and its output. */
  const tellDoor = ({ server, door }: Site) =>
    runVerb(verb, ["--token-file", tokenFile, "--to", door, ...doorFor[front].flags, "--", ...server.reload]);

  it("a stage without rehearsals says so to everybody, and asks for no token", async () => {
    for (const request of [{}, showing(token), { method: "HEAD" }]) {
      const { status, headers } = await ask(refusing, request);
      expect([status, headers["cache-control"], headers["www-authenticate"]]).toEqual([404, ["no-store"], undefined]);
    }
  });

  it("until the front has the token, nothing opens", async () => {
    for (const request of [{}, showing(token), showing("")]) expect(await statusOf(allowing, request)).toBe(503);
  });

  describe("with its token", () => {
    beforeAll(async () => expect(await tellDoor(allowing)).toMatchObject({ code: 0 }));

    it("it is enough, also on a private stage, and no cache may keep that", async () => {
      for (const method of ["GET", "HEAD"]) {
        const { status, headers } = await ask(allowing, { method, ...showing(token) });
        expect([method, status, headers["cache-control"]]).toEqual([method, 204, ["no-store"]]);
      }
    });

    it.each<[string, Request]>([
      ["a stranger", {}],
      ["an empty token", showing("")],
      ["another stage's token", showing(anotherStages)],
      ["what the token begins with", showing(token.slice(0, -1))],
      ["more than the token", showing(`${token}x`)],
      ["the token in other letters", showing(token.toUpperCase())],
      ["two tokens in one header", showing(`${token}, ${token}`)],
      ["a pattern", showing("*")],
      ["Caddy's own placeholders", showing("{http.request.header.X-Token}")],
      ["nginx's own variables", showing("$http_x_token")],
      ["the token in the query string", { path: `${rehearsalPath}?token=${token}&Lectern-Rehearsal=${token}` }],
      ["the token in a cookie", { headers: { cookie: `Lectern-Rehearsal=${token}` } }],
      ["the token in another header", { headers: { authorization: `Bearer ${token}`, "x-lectern-rehearsal": token } }],
    ])("%s gets nothing, in plain words", async (_, request) => {
      const { status, headers } = await ask(allowing, {
        ...request,
        headers: { "x-token": token, ...request.headers },
      });
      expect([status, headers["cache-control"]]).toEqual([401, ["no-store"]]);
      expect(headers["content-type"]).toEqual(["text/plain; charset=utf-8"]);
    });

    it("only GET and HEAD are answered, and scripts of other sites get no permission", async () => {
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "READ"]) {
        const { status, headers } = await ask(allowing, { method, ...showing(token) });
        expect([method, status, headers.allow]).toEqual([method, 405, ["GET, HEAD"]]);
      }
      const { headers } = await ask(allowing, {
        headers: { origin: "https://other.example", "Lectern-Rehearsal": token },
      });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    });

    it("the token opens nothing else: a private stage stays closed", async () => {
      for (const path of [
        "/",
        "/hls/stream.m3u8",
        `${rehearsalPath}/`,
        `${rehearsalPath}/../../`,
        `/x/..${rehearsalPath}/x`,
        rehearsalPath.toUpperCase(),
      ])
        expect([path, await statusOf(allowing, { path, ...showing(token) })]).toEqual([path, 503]);
    });

    it("Owncast sees none of this", () =>
      expect(asked.filter((line) => line.includes("rehearsal") || line.includes(token))).toEqual([]));

    it("the access log has the requests, and no token", async () => {
      const read = () => readFileSync(allowing.server.accessLog("main"), "utf8");
      for (let tries = 0; !read().includes(`"${rehearsalPath}"`) && tries < 200; tries++) await sleep(20);
      expect(read()).toContain(`"uri":"${rehearsalPath}"`);
      expect(read()).not.toContain(token);
    });

    it("its file is for the front alone, and the same token again reloads nothing", async () => {
      expect(statSync(join(allowing.door, doorFor[front].file)).mode & 0o777).toBe(0o640);
      const flags = ["--token-file", tokenFile, "--to", allowing.door, ...doorFor[front].flags, "--"];
      expect(await runVerb(verb, [...flags, "false"])).toMatchObject({ code: 0 });
    });

    it("a new token holds at once, and the old one no longer", async () => {
      const next = makeToken();
      writeFileSync(tokenFile, `${next}\n`);
      expect(await tellDoor(allowing)).toMatchObject({ code: 0 });
      expect([await statusOf(allowing, showing(token)), await statusOf(allowing, showing(next))]).toEqual([401, 204]);
    });

    it.each<[string, () => void]>([
      ["is missing", () => rmSync(tokenFile)],
      ["can be guessed", () => writeFileSync(tokenFile, "x".repeat(21))],
      ["is Caddy's language", () => writeFileSync(tokenFile, `${"x".repeat(30)}*`)],
      ["is empty", () => writeFileSync(tokenFile, "")],
    ])("a token that %s allows no rehearsal, and the unit says so", async (_, spoil) => {
      writeFileSync(tokenFile, token);
      await tellDoor(allowing);
      expect(await statusOf(allowing, showing(token))).toBe(204);
      spoil();
      const { code, stderr } = await tellDoor(allowing);
      expect([code, stderr]).toEqual([65, expect.stringContaining("no rehearsal is allowed")]);
      for (const value of [token, "x".repeat(21), `${"x".repeat(30)}*`, ""])
        expect(await statusOf(allowing, showing(value))).toBe(503);
    });
  });
});
