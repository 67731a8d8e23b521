import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { blockBand, blockCount, decodeClock } from "../../../src/media/painted-clock.ts";

/** A picture that a viewer saw. */
export interface Frame {
  /** When it was shown, in ms since the epoch. */
  readonly atMs: number;
  /** Its place in the stream, in seconds as the player counts. */
  readonly mediaSeconds: number;
  /** Of the rendition that it is from, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The time that the camera's clock in it shows, in ms since the epoch; undefined when none is readable. */
  readonly clockMs: number | undefined;
}

/** Something that happened to the page's `<video>`, by the name of its event: `playing`, `waiting`, `pause`, `ended`, … */
export interface PlayerEvent {
  readonly atMs: number;
  readonly type: string;
}

/** Somebody who watches a stage's page in a browser, with a profile of their own. */
export interface Viewer {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors on the page's console and uncaught exceptions, in order. */
  readonly complaints: readonly string[];
  /** Hosts, with their port where it is not the usual one, that the page has asked for anything. */
  readonly asked: ReadonlySet<string>;
  /** When the page was asked for, in ms since the epoch. */
  readonly openedAtMs: number;
  /** Presses the player's big button when it waits for that. Resolves when a picture has come; rejects after two minutes. */
  play(): Promise<void>;
  /** Pictures shown since a time in ms since the epoch, in order; all since the page was loaded when left out. */
  frames(sinceMs?: number): Promise<Frame[]>;
  /** How many seconds the player has in hand, from the picture that is shown. */
  bufferedSeconds(): Promise<number>;
  /** What happened to the player since a time. */
  events(sinceMs?: number): Promise<PlayerEvent[]>;
  /** Resolves to the first picture shown since then that fits. Rejects after two minutes, or `seconds`. */
  untilFrame(fits: (frame: Frame) => boolean, options?: { sinceMs?: number; seconds?: number }): Promise<Frame>;
  leave(): Promise<void>;
}

const recorder = readFileSync(new URL("../../page/in-page/recorder.js", import.meta.url), "utf8");
const layout = JSON.stringify({ blockCount, blockBand });
const patienceSeconds = 120;

/** Opens a stage's page, as `https://…`. Resolves when the page is loaded; what is on it may take longer. */
export async function openPage(browser: Browser, url: string): Promise<Viewer> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: "en-GB" });
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
  // What is in the page itself asks nobody.
  if (/^(https?|wss?):$/.test(protocol)) hosts.add(host);
}
