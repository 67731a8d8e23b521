import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startChromium } from "../lib/browser/chromium.ts";
import { sample } from "../lib/exhaustive.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { type GuardedSite, guardSite, startGuardedSite } from "../lib/site/guarded-site.ts";

let site: GuardedSite;
/** nginx before the same Owncast. */
let behindNginx: GuardedSite | undefined;
let browser: Browser;
let other: Server;
let page: Page;

beforeAll(async () => {
  site = await startGuardedSite();
  if (names.includes("nginx's domain") && !needsNginx.skip)
    behindNginx = await guardSite(site.owncast, {
      front: "nginx",
      host: "one",
      site: "one.test",
      admins: "127.0.0.0/8",
    });
  browser = await startChromium([site.caFile, ...(behindNginx ? [behindNginx.caFile] : [])]);
  other = createServer((_, response) => response.setHeader("content-type", "text/html").end("<title>Other</title>"));
  await once(other.listen(0, "127.0.0.1"), "listening");
  page = await browser.newPage();
  for (const name of names) if (name !== "nginx's domain" || behindNginx) await logIn(places[name]().origin);
});
afterAll(async () => {
  await browser?.close();
  other?.close();
  await behindNginx?.stop();
  await site?.stop();
});

/** An admin page's address, and another site in the same browser. For the SSH port, that is another port of localhost. */
const places = {
  domain: () => ({ origin: site.origin, elsewhere: `http://evil.test:${otherPort()}/` }),
  "SSH port": () => ({
    origin: `http://localhost:${site.front.ports.admin[0]}`,
    elsewhere: `http://localhost:${otherPort()}/`,
  }),
  "nginx's domain": () => ({ origin: behindNginx?.origin ?? "", elsewhere: `http://evil.test:${otherPort()}/` }),
};
type Place = keyof typeof places;
const names: readonly Place[] = [
  ...(["domain", "SSH port"] as const),
  ...sample<Place>("places of an admin page", ["nginx's domain"], 0),
];
const otherPort = () => (other.address() as AddressInfo).port;

/** Logs in as a person does. From then on the browser sends the password: no test does that a second time. */
async function logIn(origin: string): Promise<void> {
  const answer = await page.goto(`${origin.replace("://", "://admin:abc123@")}/admin/`, { waitUntil: "commit" });
  expect(answer?.status()).toBe(200);
}

interface Config {
  readonly instanceDetails: { readonly name: string };
  readonly streamKeys: readonly { readonly key: string }[];
}
const config = async (): Promise<Config> => (await site.owncast.admin("serverconfig")).json() as Promise<Config>;
const untouched = { instanceDetails: { name: "New Owncast Server" }, streamKeys: [{ key: "abc123" }] };

for (const place of names)
  describe(`of who has logged in at the ${place}, another site`, place === "nginx's domain" ? needsNginx : {}, () => {
    beforeEach(async () => {
      await page.goto(places[place]().elsewhere);
    });

    test("sets no stream key by a form", async () => {
      const { origin } = places[place]();
      await page.setContent(
        `<form method="post" enctype="text/plain" action="${origin}/api/admin/config/streamkeys">
        <input name='{"value":[{"key":"evil","comment":"' value='"}]}'><button>Win</button></form>`,
      );
      await Promise.all([page.waitForEvent("domcontentloaded"), page.getByRole("button").click()]);
      expect(await config()).toMatchObject(untouched);
    });

    test("changes nothing by a script", async () => {
      const { origin } = places[place]();
      await page.evaluate(
        (address) =>
          fetch(address, { method: "POST", mode: "no-cors", credentials: "include", body: '{"value":"Evil"}' }),
        `${origin}/api/admin/config/name`,
      );
      expect(await config()).toMatchObject(untouched);
    });

    // `disconnect` ends the stream, and this ends Owncast: a GET is enough for both.
    test.each([
      [
        "picture",
        (address: string) => `<img src="${address}" onload="document.title='Done'" onerror="document.title='Done'">`,
      ],
      ["redirect", (address: string) => `<meta http-equiv="refresh" content="0;url=${address}">`],
    ])("does not end Owncast by a %s", async (_, html) => {
      const { origin } = places[place]();
      const address = `${origin}/api/admin/update/forcequit`;
      await page.setContent(html(address));
      await expect
        .poll(async () => (await page.title()) === "Done" || page.url() === address, { timeout: 60_000 })
        .toBe(true);
      expect(await config()).toMatchObject(untouched);
    });

    test("can embed the video, but neither the admin page nor the main page", async () => {
      const { origin } = places[place]();
      const shown = async (path: string) => {
        await page.setContent(`<iframe src="${origin}${path}"></iframe>`);
        const frame = await (await page.waitForSelector("iframe")).contentFrame();
        await frame?.waitForLoadState();
        return frame?.url();
      };
      for (const path of ["/admin/", "/", "/embed/video/index.html"])
        expect([path, await shown(path)]).toEqual([path, "chrome-error://chromewebdata/"]);
      for (const path of ["/embed/video/", "/embed/chat/readonly/"]) expect(await shown(path)).toBe(`${origin}${path}`);
    });
  });

// The page loads a follower's picture from an address that the follower chose.
test.each(["/", "/admin/"])("no element on the stage's own page %s ends Owncast", async (own) => {
  await page.goto(`${site.origin}${own}`, { waitUntil: "domcontentloaded" });
  for (const element of ["img", "iframe", "script"]) {
    const asked = page.waitForResponse(/forcequit/);
    const made = `Object.assign(document.createElement("${element}"), { src: "/api/admin/update/forcequit" })`;
    await page.evaluate(`void document.body.append(${made})`);
    expect([element, (await asked).status()]).toEqual([element, 403]);
  }
  expect(await config()).toMatchObject(untouched);
});

test("the admin page saves a setting", async () => {
  await page.goto(`${site.origin}/admin/config/general/`);
  // The page fills its fields after it has read the settings.
  const name = page.locator("#field-name");
  await expect.poll(() => name.inputValue(), { timeout: 60_000 }).toBe("New Owncast Server");
  await name.fill("Named by its admin page");
  await page.locator("button.submit-button:enabled").click();
  await expect
    .poll(async () => (await config()).instanceDetails.name, { timeout: 60_000 })
    .toBe("Named by its admin page");
});
