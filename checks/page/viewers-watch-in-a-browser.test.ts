import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { segmentSeconds } from "../../src/media/camera-needs.ts";
import { limitLine } from "../lib/browser/browser-network.ts";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { freezes } from "../lib/browser/freezes.ts";
import { focused, moveTo, type Stop, tabStops } from "../lib/browser/keyboard.ts";
import { measureLatency } from "../lib/browser/latency.ts";
import { type LiveStage, startLiveStage } from "../lib/browser/live-stage.ts";
import { complaintsOfOurs } from "../lib/browser/owncast-complaints.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";

if (!isExhaustive) noteLeftOut("a browser on a line that becomes narrow");

let stage: LiveStage;
let viewer: Viewer;
/** The one who has watched already. */
let earlier: Viewer;

/** A viewer opens the page and presses play. Resolves to how many seconds pass until the first frame of the camera. */
async function openAndPlay(): Promise<number> {
  viewer = await openPage(stage.browser, stage.stand.page);
  await viewer.play();
  const first = await viewer.untilFrame(({ clockMs }) => clockMs !== undefined);
  return (first.atMs - viewer.openedAtMs) / 1000;
}

beforeAll(async () => {
  stage = await startLiveStage("checks/page/stage.yaml");
});
afterAll(() => stage?.stop());

describe("Owncast's own page, through Caddy over HTTPS", () => {
  // The limit is several times the usual time. A busy machine may still miss it once.
  test("plays within 15 s", { retry: 2 }, async () => {
    await viewer?.leave();
    expect(await openAndPlay()).toBeLessThan(15);
  });

  test("is behind by a whole segment at least, and by more than the server is", async () => {
    const { packagingSeconds, glassToGlassSeconds } = await measureLatency(stage, viewer);
    expect(packagingSeconds).toBeGreaterThan(0);
    expect(glassToGlassSeconds).toBeGreaterThan(packagingSeconds);
    expect(glassToGlassSeconds).toBeGreaterThan(segmentSeconds(stage.stand.seed.video?.latency));
  });

  test("shows the camera's frames, and their clock runs", async () => {
    const first = await viewer.untilFrame(({ clockMs }) => clockMs !== undefined);
    const fiveSecondsOn = ({ clockMs }: { clockMs: number | undefined }) => (clockMs ?? 0) > first.clockMs! + 5000;
    await viewer.untilFrame(fiveSecondsOn, { sinceMs: first.atMs });
    const frames = await viewer.frames(first.atMs);
    const clocks = frames.map(({ clockMs }) => clockMs);
    expect(clocks).not.toContain(undefined);
    expect(clocks).toEqual([...clocks].sort((a, b) => a! - b!));
    const ages = frames.map(({ atMs, clockMs }) => (atMs - clockMs!) / 1000);
    expect(Math.min(...ages)).toBeGreaterThan(0);
    expect(Math.max(...ages)).toBeLessThan(60);
    expect(freezes(frames, { untilMs: frames.at(-1)!.atMs, longerThanSeconds: 10 })).toEqual([]);
  });

  /** Limits the viewer's line and waits for a frame of the rendition. */
  const expectRendition = async (kbps: number, rendition: string) => {
    const declared = stage.stand.seed.video?.ladder?.find(({ name }) => name === rendition);
    const sinceMs = Date.now();
    await limitLine(viewer, kbps);
    const { clockMs } = await viewer.untilFrame(({ width }) => width === declared?.width, { sinceMs });
    expect(clockMs).toBeDefined();
  };
  test("changes to the large rendition on a wide line", () => expectRendition(20_000, "High"));
  // The player first plays what it has in hand, for about a minute.
  test.runIf(isExhaustive)("changes to the small rendition on a narrow line", () => expectRendition(700, "Low"));
  test.runIf(isExhaustive)("and back when the line is wide again", () => expectRendition(20_000, "High"));

  test("logs no errors", () => expect(complaintsOfOurs(viewer.complaints)).toEqual([]));

  test("sends requests to the stage alone", () => expect([...viewer.asked]).toEqual([new URL(stage.stand.page).host]));
});

const patience = { timeout: 120_000 };

describe("the page shows what the stage file declares:", () => {
  beforeAll(async () => {
    earlier = viewer;
    await earlier.page.evaluate('document.querySelector("video").pause()');
    viewer = await openPage(stage.browser, stage.stand.page);
  });

  test("its name, as heading and on the browser's tab", async () => {
    const { name = "" } = stage.stand.seed.instance ?? {};
    await viewer.page.getByRole("heading", { name, exact: true }).last().waitFor(patience);
    expect(await viewer.page.title()).toBe(name);
  });

  test("its summary and every tag", async () => {
    const { summary = "", tags = [] } = stage.stand.seed.instance ?? {};
    await viewer.page.getByText(summary).last().waitFor(patience);
    expect(tags).toHaveLength(2);
    for (const tag of tags) await viewer.page.getByText(`#${tag}`).last().waitFor(patience);
  });

  test("its links", async () => {
    const [{ platform, url } = { platform: "", url: "" }] = stage.stand.seed.instance?.socialHandles ?? [];
    const link = viewer.page.getByRole("link", { name: platform }).last();
    await link.waitFor(patience);
    expect(await link.getAttribute("href")).toBe(url);
  });

  test("its page text, as Markdown", async () => {
    await viewer.page.getByRole("heading", { name: "Welcome" }).last().waitFor(patience);
    const link = viewer.page.getByRole("link", { name: "the notes" });
    expect(await link.getAttribute("href")).toBe("https://notes.example.org/lecture");
  });
});

test("two viewers talk to each other in the chat", async () => {
  const say = async ({ page }: Viewer, text: string) => {
    await page.getByRole("textbox", { name: "Chat text input" }).fill(text, patience);
    await page.getByRole("button", { name: "Send message" }).click(patience);
  };
  const reads = (who: Viewer, text: string) =>
    who.page.getByTestId("virtuoso-item-list").getByText(text).first().waitFor(patience);
  // The chat announces a viewer once it is connected.
  const name = await viewer.page.getByRole("button", { name: /^user / }).textContent(patience);
  await reads(viewer, `${name?.trim()} joined the chat`);
  await say(earlier, "Can you hear me?");
  await reads(viewer, "Can you hear me?");
  await say(viewer, "Loud and clear.");
  await reads(earlier, "Loud and clear.");
  expect(complaintsOfOurs(earlier.complaints)).toEqual([]);
  await earlier.leave();
});

// What Owncast 0.2.5 offers, good or bad. docs/viewers.md says the same.
describe("a viewer without a mouse", () => {
  const isMenu = ({ role, name }: Stop) => role === "button" && name === "";
  const isControl = ({ name }: Stop) => !/^user |Notify$/.test(name);

  test("starts the stream", async () => {
    await moveTo(viewer, ({ name }) => name === "Play Video");
    await viewer.page.keyboard.press("Enter");
    await viewer.untilFrame(({ clockMs }) => clockMs !== undefined);
  });

  test("reaches every control of the player, and a screen reader names each but the menu of qualities", async () => {
    const stops = await tabStops(viewer);
    const names = stops.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(["Skip to player", "Skip to page content", "Skip to footer"]);
    const from = stops.findIndex(({ name }) => name.startsWith("user "));
    const controls = stops.slice(from + 1, from + 1 + stops.slice(from + 1).findIndex((stop) => !isControl(stop)));
    expect(controls).toEqual([
      { role: "button", name: "Pause (Space)" },
      { role: "button", name: "Mute (m)" },
      { role: "slider", name: "Volume Level" },
      // On a slow machine, a viewer may be behind.
      { role: "button", name: expect.stringMatching(/^Seek to live, currently (playing|behind) live$/) },
      { role: "button", name: "" },
      { role: "button", name: "Picture-in-Picture (i)" },
      { role: "button", name: "Fullscreen (f)" },
    ]);
    expect(names).toEqual(expect.arrayContaining(["Chat text input", "Emoji picker", "Send message"]));
  });

  test("pauses and plays on", async () => {
    await moveTo(viewer, ({ name }) => name === "Pause (Space)");
    await viewer.page.keyboard.press("Enter");
    await expect.poll(() => focused(viewer), patience).toEqual({ role: "button", name: "Play (Space)" });
    const sinceMs = Date.now();
    await viewer.page.keyboard.press("Enter");
    await viewer.untilFrame(({ clockMs }) => clockMs !== undefined, { sinceMs });
  });

  test("opens the menu of qualities, closes it, and reaches the next control", async () => {
    await moveTo(viewer, isMenu);
    await viewer.page.keyboard.press("Enter");
    await expect.poll(() => focused(viewer), patience).toMatchObject({ role: "menuitemradio" });
    await viewer.page.keyboard.press("Escape");
    await viewer.page.keyboard.press("Tab");
    expect(await focused(viewer)).toEqual({ role: "button", name: "Picture-in-Picture (i)" });
  });

  test("chooses a quality", async () => {
    const width = (await viewer.frames()).at(-1)?.width;
    const other = stage.stand.seed.video?.ladder?.find((rendition) => rendition.width !== width);
    await moveTo(viewer, isMenu);
    await viewer.page.keyboard.press("Enter");
    await expect.poll(() => focused(viewer), patience).toMatchObject({ role: "menuitemradio" });
    const isWanted = ({ name }: Stop) => name.toLowerCase() === other?.name?.toLowerCase();
    await moveTo(viewer, isWanted, "ArrowDown");
    const sinceMs = Date.now();
    await viewer.page.keyboard.press("Enter");
    await viewer.untilFrame((frame) => frame.width === other?.width, { sinceMs });
  });

  test("does not reach the player by the link Skip to player", async () => {
    await moveTo(viewer, ({ name }) => name === "Skip to player");
    await viewer.page.keyboard.press("Enter");
    await viewer.page.keyboard.press("Tab");
    expect(await focused(viewer)).toEqual({ role: "link", name: "Skip to page content" });
  });
});

test("with chat and keyboard too, the page logs no errors and sends requests to the stage alone", () => {
  expect(complaintsOfOurs(viewer.complaints)).toEqual([]);
  expect([...viewer.asked]).toEqual([new URL(stage.stand.page).host]);
});

test("Owncast's page logs its own errors also without Caddy in front", async () => {
  const direct = await openPage(stage.browser, stage.stand.owncastUrl);
  await expect.poll(() => direct.complaints, patience).not.toEqual([]);
  expect(complaintsOfOurs(direct.complaints)).toEqual([]);
  await direct.leave();
});
