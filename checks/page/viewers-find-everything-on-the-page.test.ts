import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { focused, moveTo, type Stop, tabStops } from "../lib/browser/keyboard.ts";
import { type LiveStage, startLiveStage } from "../lib/browser/live-stage.ts";
import { complaintsOfOurs } from "../lib/browser/owncast-complaints.ts";

let stage: LiveStage;
let viewer: Viewer;
beforeAll(async () => {
  stage = await startLiveStage("checks/page/stage.yaml");
  viewer = await openPage(stage.browser, stage.stand.page);
});
afterAll(() => stage?.stop());

const patience = { timeout: 120_000 };

describe("the page shows what the stage file declares:", () => {
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
  const other = await openPage(stage.browser, stage.stand.page);
  const say = async ({ page }: Viewer, text: string) => {
    await page.getByRole("textbox", { name: "Chat text input" }).fill(text, patience);
    await page.getByRole("button", { name: "Send message" }).click(patience);
  };
  const reads = (who: Viewer, text: string) =>
    who.page.getByTestId("virtuoso-item-list").getByText(text).first().waitFor(patience);
  // Who is told of having come is connected.
  const name = await other.page.getByRole("button", { name: /^user / }).textContent(patience);
  await reads(other, `${name?.trim()} joined the chat`);
  await say(viewer, "Can you hear me?");
  await reads(other, "Can you hear me?");
  await say(other, "Loud and clear.");
  await reads(viewer, "Loud and clear.");
  expect(complaintsOfOurs(other.complaints)).toEqual([]);
  await other.leave();
});

// What Owncast 0.2.5 really offers, the bad with the good: docs/viewers.md tells it, and changes with it.
describe("who has no mouse", () => {
  const isMenu = ({ role, name }: Stop) => role === "button" && name === "";
  const isControl = ({ name }: Stop) => !/^user |Notify$/.test(name);

  test("starts the picture", async () => {
    await moveTo(viewer, ({ name }) => name === "Play Video");
    await viewer.page.keyboard.press("Enter");
    await viewer.untilFrame(({ clockMs }) => clockMs !== undefined);
  });

  test("comes to every control of the player, and is told the name of each but the qualities", async () => {
    const stops = await tabStops(viewer);
    const names = stops.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(["Skip to player", "Skip to page content", "Skip to footer"]);
    const from = stops.findIndex(({ name }) => name.startsWith("user "));
    const controls = stops.slice(from + 1, from + 1 + stops.slice(from + 1).findIndex((stop) => !isControl(stop)));
    expect(controls).toEqual([
      { role: "button", name: "Pause (Space)" },
      { role: "button", name: "Mute (m)" },
      { role: "slider", name: "Volume Level" },
      // A viewer of a slow machine may be behind.
      { role: "button", name: expect.stringMatching(/^Seek to live, currently (playing|behind) live$/) },
      { role: "button", name: "" },
      { role: "button", name: "Picture-in-Picture (i)" },
      { role: "button", name: "Fullscreen (f)" },
    ]);
    expect(names).toEqual(expect.arrayContaining(["Chat text input", "Emoji picker", "Send message"]));
  });

  test("pauses and goes on", async () => {
    await moveTo(viewer, ({ name }) => name === "Pause (Space)");
    await viewer.page.keyboard.press("Enter");
    await expect.poll(() => focused(viewer), patience).toEqual({ role: "button", name: "Play (Space)" });
    const sinceMs = Date.now();
    await viewer.page.keyboard.press("Enter");
    await viewer.untilFrame(({ clockMs }) => clockMs !== undefined, { sinceMs });
  });

  test("opens the menu of qualities, leaves it, and goes on where it was", async () => {
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

  test("is not brought to the player by the link that says so", async () => {
    await moveTo(viewer, ({ name }) => name === "Skip to player");
    await viewer.page.keyboard.press("Enter");
    await viewer.page.keyboard.press("Tab");
    expect(await focused(viewer)).toEqual({ role: "link", name: "Skip to page content" });
  });
});

test("the page complains of nothing, and asks nobody but the stage", () => {
  expect(complaintsOfOurs(viewer.complaints)).toEqual([]);
  expect([...viewer.asked]).toEqual([new URL(stage.stand.page).host]);
});

test("what it does complain of, Owncast's page complains of without anything in front", async () => {
  const direct = await openPage(stage.browser, stage.stand.owncastUrl);
  await expect.poll(() => direct.complaints, patience).not.toEqual([]);
  expect(complaintsOfOurs(direct.complaints)).toEqual([]);
  await direct.leave();
});
