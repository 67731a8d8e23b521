import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, errors } from "playwright-core";
import { type Frame, openPage, type Viewer } from "../browser/browser-viewer.ts";
import { chromiumProgram, startChromium } from "../browser/chromium.ts";
import { freezes } from "../browser/freezes.ts";
import { median } from "../median.mjs";
import { output } from "../process/output.ts";
import type { PrivateNetwork } from "../process/private-network.ts";

/** A browser's place at the far end of a line. */
export interface FarBrowserView {
  readonly network: PrivateNetwork;
  readonly caFile: string;
  /** The server's address on the viewer's line. */
  readonly address: string;
  /** The page, as `https://localhost:PORT`. */
  readonly page: string;
  /** Whether the browser uses HTTP/3 from its first request, as one that has seen the page before. */
  readonly http3: boolean;
}

/** The camera that the browser sees. */
export interface Filmed {
  /** When the camera's clock was 0. */
  readonly beganAtMs: number;
  /** After that time the clock starts again. */
  readonly loopSeconds: number;
}

/** What a viewer had of the video on Owncast's own page. */
export interface SeenInBrowser {
  /** From the request for the page to the page's load. Null if it did not load. */
  readonly pageSeconds: number | null;
  /** From the request for the page to the first frame. The viewer presses play as soon as the button is there. Null if none came. */
  readonly startSeconds: number | null;
  /** Times without a new frame for over 0.5 s. */
  readonly stalls: number;
  readonly stalledSeconds: number;
  /** Shares of the frames by their height, the largest share first. */
  readonly heights: readonly { readonly height: number; readonly share: number }[];
  /** Median age of the frames on the screen. */
  readonly behindSeconds: number;
  /** Median time to download a segment; 0 if none was. */
  readonly segmentSeconds: number;
  /** What Chromium takes the line for (`navigator.connection.downlink`), in Mbit/s. The player goes by it. */
  readonly believedMbps: number;
}

const startPatienceSeconds = 90;
const nothing: SeenInBrowser = {
  ...{ pageSeconds: null, startSeconds: null, stalls: 0, stalledSeconds: 0, heights: [], behindSeconds: 0 },
  ...{ segmentSeconds: 0, believedMbps: 0 },
};

/**
 * Watches the page in Chromium for some seconds after the first frame, and waits at most 90 s for that. Throws if the video comes over
 * another version of HTTP. It gives this process's network one more address, so this must be a network of its own.
 */
export async function watchInChromium(view: FarBrowserView, filmed: Filmed, seconds: number): Promise<SeenInBrowser> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-far-browser-"));
  let browser: Browser | undefined;
  try {
    browser = await startFarChromium({ ...view, address: await publicAddress(view) }, folder);
    return await watch(browser, view, filmed, seconds);
  } finally {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Chromium measures no line to a private address, and the player goes by what Chromium measures. So the server gets an address that is
 * nobody's here: no packet leaves the two networks.
 */
async function publicAddress({ network, address }: FarBrowserView): Promise<string> {
  const seemsPublic = address.replace(/^10\./, "11.");
  await run(["ip", "addr", "replace", `${seemsPublic}/32`, "dev", "lo"]);
  await run(network.enter(["ip", "route", "replace", `${seemsPublic}/32`, "via", address]));
  // Caddy's UDP socket leaves the choice of the sender's address to the route.
  const routes = (await run(["ip", "route", "show"])).split("\n");
  const route = routes.find((each) => each.includes(` src ${address} `));
  if (!route) throw new Error(`no route has src ${address}`);
  await run([
    "ip",
    "route",
    "replace",
    ...route.replace(` src ${address} `, ` src ${seemsPublic} `).trim().split(/\s+/),
  ]);
  return seemsPublic;
}

async function run(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await output(command);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
}

function startFarChromium({ network, caFile, address, page, http3 }: FarBrowserView, folder: string): Promise<Browser> {
  const program = join(folder, "far-chromium");
  const command = network.enter([chromiumProgram]).map((word) => `'${word}'`);
  writeFileSync(program, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o700 });
  const { host } = new URL(page);
  // Without this, Chromium takes no HTTP/3 from a server whose authority no browser knows, whatever Alt-Svc says.
  const quic = http3 ? [`--origin-to-force-quic-on=${host}`] : [];
  return startChromium(caFile, { program, address, args: quic });
}

async function watch(
  browser: Browser,
  { page, http3 }: FarBrowserView,
  filmed: Filmed,
  seconds: number,
): Promise<SeenInBrowser> {
  let viewer: Viewer;
  try {
    viewer = await openPage(browser, page);
  } catch (error) {
    if (error instanceof errors.TimeoutError) return nothing;
    throw error;
  }
  const pageSeconds = (Date.now() - viewer.openedAtMs) / 1000;
  // Chromium keeps 250 entries of what a page loaded, and no later ones.
  await viewer.page.evaluate("performance.setResourceTimingBufferSize(2000)");
  const hasStarted = await Promise.race([
    viewer.play().then(() => true),
    sleep(startPatienceSeconds * 1000).then(() => false),
  ]);
  if (!hasStarted) return { ...nothing, pageSeconds };
  const [first] = await viewer.frames();
  const startedAtMs = first?.atMs ?? Date.now();
  await sleep(startedAtMs + seconds * 1000 - Date.now());
  const untilMs = startedAtMs + seconds * 1000;
  const frames = (await viewer.frames()).filter(({ atMs }) => atMs <= untilMs);
  const loaded = await viewer.page.evaluate<Loaded>(loadedSegments);
  ensureProtocol(loaded, http3 ? "h3" : "h2");
  const stalls = freezes(frames, { untilMs });
  return {
    pageSeconds,
    startSeconds: (startedAtMs - viewer.openedAtMs) / 1000,
    stalls: stalls.length,
    stalledSeconds: stalls.reduce((sum, freeze) => sum + freeze.seconds, 0),
    heights: heightsOf(frames),
    behindSeconds: behindSeconds(frames, filmed),
    segmentSeconds: loaded.tookMs.length === 0 ? 0 : median(loaded.tookMs) / 1000,
    believedMbps: loaded.believedMbps,
  };
}

interface Loaded {
  readonly protocols: readonly string[];
  readonly tookMs: readonly number[];
  readonly believedMbps: number;
}

const loadedSegments = `(() => {
  const segments = performance.getEntriesByType("resource").filter(({ name }) => /\\/hls\\/.*\\.ts$/.test(name));
  return {
    protocols: [...new Set(segments.map(({ nextHopProtocol }) => nextHopProtocol))],
    tookMs: segments.map(({ duration }) => duration),
    believedMbps: navigator.connection?.downlink ?? 0,
  };
})()`;

function ensureProtocol({ protocols }: Loaded, expected: string): void {
  const others = protocols.filter((protocol) => protocol !== expected);
  if (protocols.length === 0 || others.length > 0)
    throw new Error(`the browser loaded segments over ${protocols.join(", ") || "nothing"} instead of ${expected}`);
}

function heightsOf(frames: readonly Frame[]): SeenInBrowser["heights"] {
  const heights = [...new Set(frames.map(({ height }) => height))];
  const share = (height: number) => frames.filter((frame) => frame.height === height).length / frames.length;
  return heights.map((height) => ({ height, share: share(height) })).toSorted((one, other) => other.share - one.share);
}

/** The clock starts again with each loop, so an age is known up to the length of a loop. */
function behindSeconds(frames: readonly Frame[], { beganAtMs, loopSeconds }: Filmed): number {
  const ages = frames.flatMap(({ atMs, clockMs }) =>
    clockMs === undefined ? [] : [((atMs - beganAtMs - clockMs) / 1000) % loopSeconds],
  );
  if (ages.length === 0) throw new Error(`no clock is readable in ${frames.length} frames`);
  return median(ages);
}
