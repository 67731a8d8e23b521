import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../lib/browser/chromium.ts";
import { click } from "../lib/owncast/clicked-together.ts";
import { type GuardedSite, startGuardedSite } from "../lib/site/guarded-site.ts";

let site: GuardedSite;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  site = await startGuardedSite();
  browser = await startChromium(site.caFile);
  page = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** The page's chat address, without the token. */
async function chatOf(socketHost: string): Promise<string> {
  await click(site.owncast, "chat.socketHost", socketHost);
  const opened = page.waitForEvent("websocket", { timeout: 120_000 });
  await page.goto(site.origin, { waitUntil: "commit" });
  return (await opened).url().replace(/accessToken=.*/, "accessToken=…");
}
const at = (host: string) => `wss://${host}:${new URL(site.origin).port}/ws?accessToken=…`;

test("without a declared host, the chat is on the page's host", async () => {
  expect(await chatOf("")).toBe(at("one.test"));
});

test("the page connects to the host that the stage file declares", async () => {
  expect(await chatOf("https://origin.test")).toBe(at("origin.test"));
});

// For this reason no stage file may hold these.
test("the page ignores port, path and scheme of an address", async () => {
  expect(await chatOf("wss://origin.test:9443/owncast")).toBe(at("origin.test"));
});
