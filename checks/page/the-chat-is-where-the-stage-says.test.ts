import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../lib/browser/chromium.ts";
import { click } from "../lib/owncast/clicked-together.ts";
import { type GuardedSite, startGuardedSite } from "../lib/site/guarded-site.ts";

let site: GuardedSite;
let browser: Browser;
beforeAll(async () => {
  site = await startGuardedSite();
  browser = await startChromium(site.caFile);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** Where the page looks for its chat, the token left out. */
async function chatOf(socketHost: string): Promise<string> {
  await click(site.owncast, "chat.socketHost", socketHost);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const opened = page.waitForEvent("websocket", { timeout: 120_000 });
    await page.goto(site.origin);
    return (await opened).url().replace(/accessToken=.*/, "accessToken=…");
  } finally {
    await context.close();
  }
}
const at = (host: string) => `wss://${host}:${new URL(site.origin).port}/ws?accessToken=…`;

test("without a host of its own, the chat is the page's", async () => {
  expect(await chatOf("")).toBe(at("one.test"));
});

test("a host that a stage file may name is where the page looks for it", async () => {
  expect(await chatOf("https://origin.test")).toBe(at("origin.test"));
});

// Why no stage file may name them.
test("port, path and scheme of an address are lost on the page", async () => {
  expect(await chatOf("wss://origin.test:9443/owncast")).toBe(at("origin.test"));
});
