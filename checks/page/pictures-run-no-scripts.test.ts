import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "../lib/browser/chromium.ts";
import { sample } from "../lib/exhaustive.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { type GuardedSite, guardSite, startGuardedSite } from "../lib/site/guarded-site.ts";

let site: GuardedSite;
/** nginx before the same Owncast, if there is an nginx. */
let behindNginx: GuardedSite | undefined;
let browser: Browser;
let tab: Page;
beforeAll(async () => {
  site = await startGuardedSite();
  if (!needsNginx.skip) behindNginx = await guardSite(site.owncast, { front: "nginx", host: "one", site: "one.test" });
  browser = await startChromium([site.caFile, ...(behindNginx ? [behindNginx.caFile] : [])]);
  tab = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  await behindNginx?.stop();
  await site?.stop();
});

const svgNamespace = 'xmlns="http://www.w3.org/2000/svg"';
const run = "document.documentElement.setAttribute('ran','1')";
const page = `<body xmlns='http://www.w3.org/1999/xhtml'><img src='x:' onerror='top.${run.replaceAll("'", "&quot;")}'/></body>`;

/** Files with a script that a browser runs if it opens them directly. */
const hostile: Readonly<Record<string, string | Buffer>> = {
  "script.svg": `<svg ${svgNamespace}><script>${run}</script></svg>`,
  "namespaced-script.svg": `<x:svg xmlns:x="http://www.w3.org/2000/svg"><x:script>${run}</x:script></x:svg>`,
  "script-from-data.svg": `<svg ${svgNamespace}><script href="data:text/javascript,${encodeURIComponent(run)}"/></svg>`,
  "handler.svg": `<svg ${svgNamespace} onload="${run}"/>`,
  "entity.svg": `<!DOCTYPE svg [<!ENTITY s "<script ${svgNamespace.replaceAll('"', "'")}>${run}</script>">]><svg ${svgNamespace}>&s;</svg>`,
  "utf-16.svg": Buffer.from(`\ufeff<svg ${svgNamespace}><script>${run}</script></svg>`, "utf16le"),
  "page-in-it.svg": `<svg ${svgNamespace}><foreignObject width="9" height="9">${page}</foreignObject></svg>`,
  "frame-in-it.svg": `<svg ${svgNamespace}><foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script>top.${run}&lt;/script>"/></foreignObject></svg>`,
  "page.html": `<!doctype html><script>${run}</script>`,
  "page.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><script>${run}</script></html>`,
};
const names = sample("pictures that could run a script", Object.keys(hostile), 4);

const hasRun = async (frame: Frame): Promise<boolean> => {
  await frame.waitForLoadState();
  return frame.evaluate<boolean>("document.documentElement.hasAttribute('ran')");
};

/** Opens an address, or a page of the stage with this HTML. Resolves to the addresses of the frames in which a script ran. */
async function ran(address: string, html?: string): Promise<string[]> {
  await tab.goto(html === undefined ? address : new URL("/embed/chat/readonly/none", address).href);
  if (html !== undefined) {
    await tab.setContent(html);
    await tab.waitForTimeout(1000);
  }
  // A frame or a broken image may run its script late.
  for (let tries = 0; tries < 10; tries++) {
    const frames = tab.frames();
    const found = await Promise.all(frames.map(hasRun));
    if (found.includes(true)) return frames.filter((_, index) => found[index]).map((frame) => frame.url());
    await tab.waitForTimeout(50);
  }
  return [];
}

describe("an image from an unknown author", () => {
  beforeAll(async () => {
    for (const name of names) {
      const content = hostile[name] ?? "";
      const data = `data:image/svg+xml;base64,${Buffer.from(content).toString("base64")}`;
      const answer = await site.owncast.admin("emoji/upload", { method: "POST", body: JSON.stringify({ name, data }) });
      expect(answer.status).toBe(200);
    }
  });

  test.each(names)(
    "runs its script if it is opened at Owncast itself, and none if it is opened at the stage: %s",
    async (name) => {
      const own = `${site.owncast.url}/img/emoji/${name}`;
      expect(await ran(own)).toEqual([own]);
      expect(await ran(`${site.origin}/img/emoji/${name}`)).toEqual([]);
    },
  );

  test.each(sample("pictures that could run a script on nginx", names, 1))(
    "runs none if it is opened at the stage behind nginx: %s",
    needsNginx,
    async (name) => expect(await ran(`${behindNginx?.origin}/img/emoji/${name}`)).toEqual([]),
  );

  test("runs none inside a page of the stage", async () => {
    const inFrames = names.map((name) => {
      const address = `${site.origin}/img/emoji/${name}`;
      return `<iframe src="${address}"></iframe><object data="${address}"></object><embed src="${address}"><img src="${address}">`;
    });
    expect(await ran(site.origin, inFrames.join(""))).toEqual([]);
  });
});

test.each(sample("addresses of a logo", ["/logo", "/preview.gif", "/logo?a.html"], 2))(
  "as the logo, it runs none at %s",
  async (path) => {
    const value = `data:image/svg+xml;base64,${Buffer.from(hostile["script.svg"] ?? "").toString("base64")}`;
    const answer = await site.owncast.admin("config/logo", { method: "POST", body: JSON.stringify({ value }) });
    expect(answer.status).toBe(200);
    expect(await ran(`${site.owncast.url}${path}`)).toHaveLength(1);
    expect(await ran(`${site.origin}${path}`)).toEqual([]);
  },
);

test("an image without a script is shown", async () => {
  await tab.goto(`${site.origin}/embed/chat/readonly/none`);
  await tab.setContent(`<img src="${site.origin}/logo"><img src="${site.origin}/img/platformlogos/matrix.svg">`);
  const widths = () => tab.evaluate<boolean[]>("[...document.images].map(({ naturalWidth }) => naturalWidth > 0)");
  await expect.poll(widths, { timeout: 30_000 }).toEqual([true, true]);
});
