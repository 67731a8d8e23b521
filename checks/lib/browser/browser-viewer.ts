import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { blockBand, blockCount, decodeClock } from "../../../src/media/painted-clock.ts";

/** A frame that a viewer saw. */
export interface Frame {
  /** When it was shown, in ms since the epoch. */
  readonly atMs: number;
  /** Its place in the stream, in seconds as the player counts. */
  readonly mediaSeconds: number;
  /** The size of its rendition, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The time that the camera's clock shows in it, in ms since the epoch; undefined if no clock is readable. */
  readonly clockMs: number | undefined;
}

/** An event of the page's `<video>`, by its name: `playing`, `waiting`, `pause`, `ended`, … */
export interface PlayerEvent {
  readonly atMs: number;
  readonly type: string;
}

/** A viewer of a stage's page, in a browser profile of its own. */
export interface Viewer {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors on the page's console and uncaught exceptions, in order. */
  readonly complaints: readonly string[];
  /** The hosts that the page has sent requests to, with a port if it is not the default one. */
  readonly asked: ReadonlySet<string>;
  /** Time of the request for the page, in ms since the epoch. */
  readonly openedAtMs: number;
  /** Presses the player's big button if the player waits for that. Resolves at the first frame; rejects after two minutes. */
  play(): Promise<void>;
  /** Frames shown since a time in ms since the epoch, in order. Default: since the page was loaded. */
  frames(sinceMs?: number): Promise<Frame[]>;
  /** Seconds in the player's buffer after the present frame. */
  bufferedSeconds(): Promise<number>;
  /** The player's events since a time. */
  events(sinceMs?: number): Promise<PlayerEvent[]>;
  /** Resolves to the first matching frame since then. Rejects after two minutes, or `seconds`. */
  untilFrame(fits: (frame: Frame) => boolean, options?: { sinceMs?: number; seconds?: number }): Promise<Frame>;
  leave(): Promise<void>;
}

const recorder = readFileSync(new URL("../../page/in-page/recorder.js", import.meta.url), "utf8");
const layout = JSON.stringify({ blockCount, blockBand });
const patienceSeconds = 120;

/**
 * Opens a stage's page, as `https://…`. Resolves when the page is loaded; its resources may take longer. `prepare` runs before the
 * browser asks for the page.
 */
export async function openPage(
  browser: Browser,
  url: string,
  prepare: (context: BrowserContext) => Promise<void> = async () => {},
): Promise<Viewer> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: "en-GB" });
  await prepare(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("request", (request) => addHost(asked, request.url()));
  page.on("websocket", (socket) => addHost(asked, socket.url()));
  await page.addInitScript({ content: `${recorder}\nglobalThis.lecternRecorder = startRecorder(${layout});` });
  const openedAtMs = Date.now();
  await page.goto(url, { timeout: patienceSeconds * 1000 });
  const recorded = <Entry>(what: "frames" | "events", sinceMs: number): Promise<Entry[]> =>
    page.evaluate<Entry[]>(`lecternRecorder.${what}(${sinceMs})`);
  const frames: Viewer["frames"] = async (sinceMs = 0) =>
    (await recorded<Omit<Frame, "clockMs"> & { blocks: number[] }>("frames", sinceMs)).map(({ blocks, ...frame }) => ({
      ...frame,
      clockMs: decodeClock(Uint8Array.from(blocks)),
    }));
  const untilFrame: Viewer["untilFrame"] = async (fits, { sinceMs = 0, seconds = patienceSeconds } = {}) => {
    for (let from = sinceMs, until = Date.now() + seconds * 1000; Date.now() < until; await sleep(100)) {
      const some = await frames(from);
      const found = some.find(fits);
      if (found) return found;
      from = (some.at(-1)?.atMs ?? from - 1) + 1;
    }
    const last = (await frames(sinceMs)).at(-1);
    throw new Error(`no picture as expected within ${seconds} s; the last one: ${JSON.stringify(last)}`);
  };
  return {
    ...{ page, context, complaints, asked, openedAtMs, frames, untilFrame },
    bufferedSeconds: () => page.evaluate<number>("lecternRecorder.bufferedSeconds()"),
    events: (sinceMs = 0) => recorded<PlayerEvent>("events", sinceMs),
    async play() {
      const button = page.locator(".vjs-big-play-button");
      const shown = untilFrame(() => true);
      await Promise.race([shown, button.click({ timeout: patienceSeconds * 1000 }).catch(() => {})]);
      await shown;
    },
    leave: () => context.close(),
  };
}

function addHost(hosts: Set<string>, address: string): void {
  const { protocol, host } = new URL(address);
  // The browser loads these from the page itself, without a request to a host.
  if (/^(https?|wss?):$/.test(protocol)) hosts.add(host);
}
