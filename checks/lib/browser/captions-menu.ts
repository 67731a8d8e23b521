import type { Viewer } from "./browser-viewer.ts";

const button = ".vjs-subs-caps-button, .vjs-subtitles-button";
const patience = { timeout: 30_000 };

/** What a viewer sees of captions at one moment. */
export interface Shown {
  /** The time that the frame's clock shows, in ms since the epoch; undefined if it shows none. */
  readonly clockMs: number | undefined;
  /** The cue on the screen, line by line; empty without one. */
  readonly text: string;
}

/** The captions of Owncast's player, as a person uses them. */
export function captionsOf(viewer: Viewer) {
  const { page } = viewer;
  const buttons = page.locator(button);
  const items = buttons.locator(".vjs-menu-item");
  /** Shows the control bar: it hides while nothing moves. */
  const wake = async (): Promise<void> => {
    await page
      .locator("video")
      .first()
      .hover({ position: { x: 30, y: 30 }, ...patience });
    await page.mouse.move(200, 200);
    await page.mouse.move(220, 220);
  };
  return {
    wake,
    /** Whether the player shows a button for captions. */
    async hasButton(): Promise<boolean> {
      await wake();
      return buttons.first().isVisible();
    },
    /** Resolves when it does. */
    async untilButton(): Promise<void> {
      await buttons.first().waitFor({ state: "visible", ...patience });
    },
    /** The entries of its menu, in their order. */
    async entries(): Promise<string[]> {
      return (await items.locator(".vjs-menu-item-text").allTextContents()).map((text) => text.trim());
    },
    /** The entry that is chosen. */
    async chosen(): Promise<string[]> {
      const chosen = buttons.locator(".vjs-menu-item[aria-checked=true] .vjs-menu-item-text");
      return (await chosen.allTextContents()).map((text) => text.trim());
    },
    /** Opens the menu by the mouse, and chooses an entry. */
    async choose(entry: string): Promise<void> {
      await wake();
      await buttons.first().hover(patience);
      const item = items.filter({ hasText: entry }).first();
      await item.click(patience);
      await page.mouse.move(300, 300);
    },
    /** The present frame and the cue on it. */
    shown: (): Promise<Shown> => shownBy(viewer, ownCue),
  };
}

const ownCue = `[...document.querySelectorAll(".vjs-text-track-display > div > div")]
  .map((box) => box.innerText).join("\\n").trim()`;
const nativeCue = `[...document.querySelector("video").textTracks].filter(({ mode }) => mode === "showing")
  .flatMap(({ activeCues }) => [...(activeCues ?? [])]).map(({ text }) => text).join("\\n").trim()`;

/** As `captionsOf(viewer).shown`, for a page that leaves cues to the browser, as hls.js does. */
export const shownNatively = (viewer: Viewer): Promise<Shown> => shownBy(viewer, nativeCue);

async function shownBy(viewer: Viewer, cue: string): Promise<Shown> {
  // One moment of the page: no frame comes between the two.
  const both = await viewer.page.evaluate<{ atMs: number; text: string }>(
    `({ atMs: lecternRecorder.frames(0).at(-1)?.atMs ?? 0, text: ${cue} })`,
  );
  const frame = (await viewer.frames(both.atMs)).find(({ atMs }) => atMs === both.atMs);
  return { clockMs: frame?.clockMs, text: both.text };
}
