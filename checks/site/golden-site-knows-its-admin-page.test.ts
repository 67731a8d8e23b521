import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { onEachFront } from "../lib/site/golden-front.ts";
import { type GuardedSite, password, startGuardedSite } from "../lib/site/guarded-site.ts";
import { rawRequest } from "../lib/site/raw-request.ts";

/** A browser's headers for a request by a script of the same site. */
const script = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };

onEachFront((front) => {
  let site: GuardedSite;
  beforeAll(async () => {
    site = await startGuardedSite(front);
  });
  afterAll(() => site?.stop());

  describe("a request of the admin's, with the password that the browser sends by itself,", () => {
    const name = async (): Promise<string> => {
      const answer = await site.owncast.admin("serverconfig");
      return ((await answer.json()) as { instanceDetails: { name: string } }).instanceDetails.name;
    };
    const elsewhere = "https://evil.example";
    /** A browser's headers for an element on the stage's own page. */
    const ownPages = (element: string) => ({
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": ["document", "iframe"].includes(element) ? "navigate" : "no-cors",
      "sec-fetch-dest": element,
    });
    const rename = (value: string, headers: Record<string, string>) => {
      const body = Buffer.from(JSON.stringify({ value }));
      const all = {
        authorization: password,
        "content-type": "text/plain",
        "content-length": `${body.length}`,
        ...headers,
      };
      return site.ask("/api/admin/config/name", { method: "POST", headers: all, body: [body] });
    };

    it.each<[string, Record<string, string>]>([
      ["another site", { "sec-fetch-site": "cross-site", origin: elsewhere }],
      ["another site, whose origin is hidden", { "sec-fetch-site": "cross-site", origin: "null" }],
      ["a neighbour under the same domain", { "sec-fetch-site": "same-site" }],
      ["another port of the same name", { "sec-fetch-site": "same-site", origin: "https://one.test" }],
      ["another site, in a browser that says the origin alone", { origin: elsewhere }],
      ["a sandbox, in a browser that says the origin alone", { origin: "null" }],
      ["a name that begins like this one", { origin: "https://one.test:1" }],
      ["the same name without TLS", { origin: "http://one.test" }],
      ["nowhere: typed, or a program's", { "sec-fetch-site": "none" }],
      ["nobody knows where", {}],
      ["another site's page, as the referer says", { referer: `${elsewhere}/?https://one.test/admin` }],
      ["a form on the stage's own page", ownPages("document")],
    ])("changes nothing if it comes from %s", async (_, headers) => {
      expect((await rename("taken over", headers)).status).toBe(403);
      expect(await name()).not.toBe("taken over");
    });

    it.each<[string, () => Record<string, string>]>([
      ["its own page", () => ({ ...script, origin: site.origin })],
      ["its own page, in a browser that says the origin alone", () => ({ origin: site.origin })],
      ["a program that says the origin", () => ({ origin: site.origin })],
    ])("changes what it is to change if it comes from %s", async (who, headers) => {
      expect((await rename(who, headers())).status).toBe(200);
      expect(await name()).toBe(who);
    });

    // All addresses of 0.2.5 at which a GET changes something: found in webserver/handlers/generated and tried.
    it.each(["disconnect", "yp/reset", "update/start", "update/forcequit"])(
      "does not look at /api/admin/%s from elsewhere, nor for an address that a stranger put on the page, for that changes something",
      async (path) => {
        const asked = (headers: Record<string, string>) =>
          site.ask(`/api/admin/${path}`, { headers: { authorization: password, ...headers } });
        const image = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
        // A follower's picture is an image at an address that the follower chose, on the public page and on the admin page.
        // `empty` is a prefetch or the like, without a script.
        const own = ["document", "image", "iframe", "script", "style", "video", "object", "empty"].map(ownPages);
        const withPictures = { ...ownPages("image"), "sec-fetch-mode": "cors" };
        const older = ["/", "/admin/", "/admin/federation/followers/"].map((page) => ({
          referer: `${site.origin}${page}`,
        }));
        for (const headers of [image, ...own, withPictures, ...older, {}])
          expect([headers, (await asked(headers)).status]).toEqual([headers, 403]);
        expect((await fetch(`${site.owncast.url}/api/status`)).status).toBe(200);
      },
    );

    test("ends the stream if it is the admin page's own", async () => {
      const headers = { authorization: password, ...script };
      // Owncast's own response: there is no publisher.
      expect((await site.ask("/api/admin/disconnect", { headers })).status).toBe(400);
    });

    it.each<[string, number, () => Record<string, string>]>([
      ["typed", 200, () => ({ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })],
      ["a link on itself", 200, () => ({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate" })],
      ["typed into a browser that says nothing", 200, () => ({})],
      ["a link elsewhere", 403, () => ({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })],
      ["a link elsewhere, as the referer says", 403, () => ({ referer: `${elsewhere}/` })],
    ])("opens the page (by %s: %i)", async (_, status, headers) => {
      for (const path of ["/admin/", "/admin/config/server/"])
        expect((await site.ask(path, { headers: { authorization: password, ...headers() } })).status).toBe(status);
    });

    test("reads what its page and programs read, but not if only the referer names the sender", async () => {
      const asked = async (headers: Record<string, string>) =>
        (await site.ask("/api/admin/status", { headers: { authorization: password, ...headers } })).status;
      expect(await asked(script)).toBe(200);
      expect(await asked({ origin: site.origin })).toBe(200);
      // An image on the page has the same referer as its script.
      expect(await asked({ referer: `${site.origin}/admin/` })).toBe(403);
    });
  });

  describe("the port for SSH tunnels", () => {
    const ask = (path: string, host: string, headers: Record<string, string> = {}) => {
      const [port = 0] = site.front.ports.admin;
      const lines = Object.entries({ authorization: password, ...headers }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      return rawRequest({ port }, [`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines.join("")}\r\n`]);
    };

    // The tunnel may begin at any port of the operator's machine.
    it.each(["localhost:8880", "127.0.0.1:8880", "localhost:9000"])("serves page and API at %s", async (host) => {
      expect((await ask("/admin/", host, { "sec-fetch-site": "none" })).status).toBe(200);
      expect((await ask("/api/admin/status", host, script)).status).toBe(200);
      expect((await ask("/api/admin/status", host, { origin: `http://${host}` })).status).toBe(200);
    });

    test("refuses requests from other sites, as the domain does", async () => {
      const foreign = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
      expect((await ask("/api/admin/disconnect", "localhost:8880", foreign)).status).toBe(403);
      expect((await ask("/api/admin/disconnect", "localhost:8880", { referer: "http://localhost:3000/" })).status).toBe(
        403,
      );
      expect((await ask("/admin/", "localhost:8880", foreign)).status).toBe(403);
    });

    test("serves nothing under another's host name that resolves to the operator's machine", async () => {
      const { status, headers } = await ask("/admin/", "rebound.example:8880", { "sec-fetch-site": "same-origin" });
      // Caddy has nothing to say there; nginx refuses the name, which it would give to its first site.
      if (front === "nginx") return expect(status).toBe(421);
      expect([status, headers["content-length"]]).toEqual([200, ["0"]]);
    });
  });

  // Owncast's own response to each is a redirect to the admin page or its API.
  test.each(["/#/../admin/", "/x#/../../api/admin/status", "/x/..//admin/", "/%61pi/./admin/status"])(
    "Owncast reads no other path than the front does: %s",
    async (path) => {
      const headers = { authorization: password, "sec-fetch-site": "cross-site" };
      const { status } = await site.ask(path, { headers });
      // nginx ends a path at `#`, and refuses the request.
      expect(status).toBe(front === "nginx" && path.includes("#") ? 400 : 403);
    },
  );

  test("nothing outside the admin's own addresses asks for the admin's password", async () => {
    const query = "client_id=https://a.test/&redirect_uri=https://a.test/&code_challenge=x&state=x&me=https://a.test/";
    const identity = `/api/auth/provider/indieauth?${query}`;
    // Owncast itself asks for the password there.
    expect((await fetch(`${site.owncast.url}${identity}`)).status).toBe(401);
    expect((await site.ask(identity, { headers: { "sec-fetch-site": "cross-site" } })).status).toBe(403);
  });
});
