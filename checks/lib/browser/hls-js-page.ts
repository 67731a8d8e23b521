import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { openPage, type Viewer } from "./browser-viewer.ts";

const { resolve } = createRequire(import.meta.url);
const script = resolve("hls.js/dist/hls.min.js");

/** The version of hls.js. */
export const hlsJsVersion = (JSON.parse(readFileSync(resolve("hls.js/package.json"), "utf8")) as { version: string })
  .version;

// A site that shows the stage in a player of its own. The browser gets it from the test: there is no such server.
const site = "https://player.test";

/** Opens a page of another site that plays the stage at `stageUrl` with hls.js and its default settings. */
export const openHlsJsPage = (browser: Browser, stageUrl: string): Promise<Viewer> =>
  openPage(browser, `${site}/`, async (context) => {
    const page = `<!doctype html><title>hls.js</title><video muted autoplay playsinline></video>
<script src="/hls.min.js"></script>
<script>
const hls = new Hls();
hls.loadSource(${JSON.stringify(`${stageUrl}/hls/stream.m3u8`)});
hls.attachMedia(document.querySelector("video"));
</script>`;
    await context.route(`${site}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/") return route.fulfill({ contentType: "text/html", body: page });
      if (pathname === "/hls.min.js") return route.fulfill({ contentType: "text/javascript", path: script });
      return route.fulfill({ status: 404, body: "" });
    });
  });
