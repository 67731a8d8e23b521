import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { limitLine } from "../lib/browser/browser-network.ts";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { type CaptionedStage, startCaptionedStage } from "../lib/browser/captioned-stage.ts";
import { captionsOf } from "../lib/browser/captions-menu.ts";
import { type CueDress, dressOf } from "../lib/browser/cue-dress.ts";
import { untilSettled } from "../lib/browser/drop.ts";
import { freezes } from "../lib/browser/freezes.ts";
import { focused, moveTo } from "../lib/browser/keyboard.ts";
import { complaintsOfOurs } from "../lib/browser/owncast-complaints.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needsQuiet } from "../lib/process/needs-quiet.ts";

if (!isExhaustive) noteLeftOut("captions with the keyboard, at 200 % zoom, right to left, without their service");

// Two full lines: the longest cue that the service makes.
const longest = (mark: string) =>
  `this is part ${mark} of a talk that is so long\nthat its words need both lines of a cue`;
const inPicture = { isInPicture: true, isWhole: true };
// As long as the keeper believes a silent service, and a new cue's way to the player.
const withoutMs = 12_000;

describe.runIf(isExhaustive)("captions in Owncast's player", needsQuiet, () => {
  let stage: CaptionedStage;
  let viewer: Viewer;
  /** Opened at the same time on the same stage; it never turns captions on. */
  let plain: Viewer;

  beforeAll(async () => {
    stage = await startCaptionedStage("checks/page/captioned-stage.yaml", [
      { language: "en", name: "English (automatic)", text: longest },
      { language: "fr", name: "Français", text: (mark) => `partie ${mark} de l'exposé` },
      { language: "ar", name: "العربية", text: (mark) => `هذا هو الجزء ${mark} من الحديث، شكرا.` },
      { language: "ja", name: "日本語", text: (mark) => `これは話の${mark}番目の部分です。` },
    ]);
    [viewer, plain] = await Promise.all([
      openPage(stage.browser, stage.stand.page),
      openPage(stage.browser, stage.stand.page),
    ]);
    await Promise.all([viewer, plain].map((one) => one.play().then(() => untilSettled(one))));
  });
  afterAll(() => stage?.stop());

  /** Resolves to the first cue that fits; rejects after half a minute. */
  const untilShown = async (one: Viewer, fits: (text: string) => boolean): Promise<string> => {
    const captions = captionsOf(one);
    for (const untilMs = Date.now() + 30_000; ; ) {
      const { text } = await captions.shown();
      if (fits(text)) return text;
      if (Date.now() > untilMs) throw new Error(`no such cue; the last one: ${JSON.stringify(text)}`);
      await one.page.waitForTimeout(100);
    }
  };

  /** Resolves to how the longest cue looks. The player lays it out again a moment after the page's size has changed. */
  const bothLines = (): Promise<CueDress> =>
    vi.waitFor(
      async () => {
        const dress = await dressOf(viewer, "both lines");
        expect(dress).toMatchObject({ ...inPicture, lines: 2 });
        return dress;
      },
      { timeout: 10_000, interval: 100 },
    );

  test("are turned on with the keyboard alone", async () => {
    await moveTo(viewer, ({ name, role }) => role === "button" && /subtitles|captions/i.test(name));
    await viewer.page.keyboard.press("Enter");
    await moveTo(viewer, ({ name }) => /^english/i.test(name), "ArrowDown");
    const stop = await focused(viewer);
    expect(stop?.role).toBe("menuitemradio");
    await viewer.page.keyboard.press("Enter");
    expect(await untilShown(viewer, (text) => text.includes("part"))).toMatch(/^this is part \d{4} of a talk/);
  });

  test.each([
    ["as the page is", 1],
    ["at 200 % zoom", 2],
  ])("lie inside the picture, large enough and with contrast, %s", async (_, zoom) => {
    // A browser's zoom halves the page's width in its own pixels.
    await viewer.page.setViewportSize({ width: 1280 / zoom, height: 720 / zoom });
    // The video is then as large as the screen: a viewer scrolls to it.
    await viewer.page.evaluate('document.querySelector("video").scrollIntoView({ block: "end" })');
    await untilShown(viewer, (text) => text.includes("part"));
    const dress = await bothLines();
    await viewer.page.setViewportSize({ width: 1280, height: 720 });
    // On the screen, a pixel of the page is as large as the zoom.
    expect(dress.fontPixels * zoom).toBeGreaterThanOrEqual(16);
    expect(dress.contrast).toBeGreaterThanOrEqual(4.5);
  });

  test("lie inside the picture in full screen", async () => {
    await captionsOf(viewer).wake();
    await viewer.page.locator(".vjs-fullscreen-control").first().click();
    await viewer.page.waitForFunction("document.fullscreenElement !== null");
    await untilShown(viewer, (text) => text.includes("part"));
    const dress = await bothLines();
    expect(dress.fontPixels).toBeGreaterThanOrEqual(16);
    expect(dress.contrast).toBeGreaterThanOrEqual(4.5);
    await viewer.page.evaluate("document.exitFullscreen()");
    await viewer.page.waitForFunction("document.fullscreenElement === null");
  });

  test.each([
    ["English is whole", "English", "en", "ltr", "this is part"],
    ["Arabic runs from right to left", "العربية", "ar", "rtl", "هذا هو الجزء"],
    ["Japanese is whole", "日本語", "ja", "ltr", "これは話の"],
  ])("%s", async (_, entry, language, direction, says) => {
    await captionsOf(viewer).choose(entry);
    const text = await untilShown(viewer, (shown) => shown.includes(says));
    expect(text).toMatch(new RegExp(`^${says}`));
    expect(await dressOf(viewer, language)).toMatchObject({ language, direction, ...inPicture });
    if (process.env.LECTERN_SCREENSHOTS)
      await viewer.page.screenshot({ path: `${process.env.LECTERN_SCREENSHOTS}/captions-${language}.png` });
  });

  test("the page plays on when the service hangs, and shows cues again when it is back", async () => {
    await captionsOf(viewer).choose("English");
    await untilShown(viewer, (text) => text.includes("part"));
    const sinceMs = Date.now();
    stage.captions.pause();
    await untilShown(viewer, (text) => text === "");
    await viewer.page.waitForTimeout(withoutMs);
    stage.captions.resume();
    await untilShown(viewer, (text) => text.includes("part"));
    const frames = await viewer.frames(sinceMs);
    expect(freezes(frames, { untilMs: frames.at(-1)?.atMs ?? 0 })).toEqual([]);
  });

  test("are off again after a reload: the player remembers no choice", async () => {
    await viewer.page.reload();
    await viewer.play();
    await untilSettled(viewer, Date.now() - 20_000);
    const captions = captionsOf(viewer);
    await captions.untilButton();
    expect(await captions.chosen()).toEqual([expect.stringMatching(/off/)]);
    expect((await captions.shown()).text).toBe("");
  });

  test("follow a change of the language within 3 s, 300 ms away", { retry: 1 }, async () => {
    await captionsOf(viewer).choose("English");
    await untilShown(viewer, (text) => text.includes("part"));
    await limitLine(viewer, 20_000, 300);
    const tookSeconds: number[] = [];
    // The player has loaded none of these since the reload.
    for (const [entry, says] of [
      ["Français", "partie"],
      ["العربية", "هذا هو الجزء"],
      ["日本語", "これは"],
    ] as const) {
      await captionsOf(viewer).choose(entry);
      const chosenMs = Date.now();
      await untilShown(viewer, (text) => text.startsWith(says));
      tookSeconds.push((Date.now() - chosenMs) / 1000);
    }
    await limitLine(viewer, 20_000);
    process.stderr.write(`a change of the language took ${tookSeconds.join(", ")} s\n`);
    expect(Math.max(...tookSeconds)).toBeLessThan(3);
  });

  test("log no error that the page does not log without them", () => {
    expect(complaintsOfOurs(plain.complaints)).toEqual([]);
    expect(complaintsOfOurs(viewer.complaints)).toEqual([]);
  });
});
