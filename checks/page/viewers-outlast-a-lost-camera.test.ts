import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { type Drop, type DropSeen, dropFor, untilSettled, watchDrop } from "../lib/browser/drop.ts";
import { type DropStage, startDropStage } from "../lib/browser/drop-stage.ts";
import { freezes } from "../lib/browser/freezes.ts";
import { isExhaustive } from "../lib/exhaustive.ts";

// After this time, Owncast's offline clip has ended for a viewer behind the article's front.
const strandedAfterSeconds = 30;
const patienceSeconds = 120;

let stage: DropStage;
let viewer: Viewer;
/** Watches behind the article's front; undefined in the sample. */
let articles: Viewer | undefined;
/** The effect of the first drop on that viewer. */
let stranded: Promise<DropSeen> | undefined;

async function openAndSettle(page: string): Promise<Viewer> {
  const one = await openPage(stage.browser, page);
  await one.play();
  await untilSettled(one);
  return one;
}

beforeAll(async () => {
  stage = await startDropStage("checks/lib/stages/two-renditions.yaml");
  [viewer, articles] = await Promise.all([
    openAndSettle(stage.pages.lectern),
    isExhaustive ? openAndSettle(stage.pages.article) : undefined,
  ]);
});
afterAll(() => stage?.stop());

const low = { name: "S", scaledWidth: 320, scaledHeight: 180, framerate: 15, videoBitrate: 400, cpuUsageLevel: 0 };
const high = { ...low, name: "M", scaledWidth: 480, scaledHeight: 270, videoBitrate: 500 };

/** Changes the ladder while the camera is lost for 2 s: the next session has the new ladder. */
async function dropWith(ladder: readonly object[]): Promise<Drop> {
  const { stand, camera } = stage;
  const authorization = `Basic ${Buffer.from(`admin:${stand.reveal("admin-password")}`).toString("base64")}`;
  const { status } = await fetch(`${stand.owncastUrl}/api/admin/config/video/streamoutputvariants`, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify({ value: ladder }),
  });
  expect(status).toBe(200);
  return dropFor(camera, 2);
}

/** Waits for a frame of a rendition of that height, filmed after the camera came back. */
async function expectPlaying(height: number, { lostAtMs, comesAtMs }: Drop): Promise<void> {
  await viewer.untilFrame((frame) => frame.height === height && (frame.clockMs ?? 0) > comesAtMs, {
    sinceMs: lostAtMs,
  });
  const types = (await viewer.events(lostAtMs)).map(({ type }) => type);
  for (const type of ["ended", "error", "pause"]) expect(types).not.toContain(type);
}

/** Makes the player play only this rendition, as if the viewer had chosen it. */
const choose = (height: number) =>
  viewer.page.evaluate(`for (const one of document.querySelector(".video-js").player.tech({}).vhs.representations())
    one.enabled(one.height === ${height})`);

describe("a viewer who does not touch the page", () => {
  // A busy machine may miss the limit once.
  test("plays on when the camera is lost for 2 s", { retry: 2 }, async () => {
    const drop = dropFor(stage.camera, 2);
    if (articles) stranded ??= watchDrop(articles, drop, strandedAfterSeconds);
    // Only a later test waits for it.
    stranded?.catch(() => {});
    const { playsAfterSeconds, frozenSeconds, dropSeconds } = await watchDrop(viewer, drop, patienceSeconds);
    expect(playsAfterSeconds).toBeDefined();
    expect(frozenSeconds).toBeLessThan(dropSeconds + 5);
  });

  test("does not notice that the keeper is killed", { retry: 2 }, async () => {
    const killedAtMs = Date.now();
    await stage.keeper.kill();
    await stage.keeper.start();
    const { atMs: untilMs } = await untilSettled(viewer, killedAtMs, patienceSeconds);
    expect(freezes(await viewer.frames(killedAtMs), { untilMs })).toEqual([]);
  });

  // Nearly always, only a reload helps. In one run, the page played again after 21 s.
  test.runIf(isExhaustive)("behind a front without a keeper freezes for longer than that", async () => {
    const { frozenSeconds, dropSeconds } = (await stranded) as DropSeen;
    expect(frozenSeconds).toBeGreaterThan(dropSeconds + 5);
    await articles?.leave();
  });

  test.runIf(isExhaustive)(
    "plays on when the camera is lost for longer than the player has buffered",
    { retry: 2 },
    async () => {
      const seconds = Math.ceil(await viewer.bufferedSeconds()) + 2;
      const seen = await watchDrop(viewer, dropFor(stage.camera, seconds), patienceSeconds);
      expect(seen.playsAfterSeconds).toBeDefined();
      expect(seen.frozenSeconds).toBeLessThan(seen.dropSeconds + 5);
      expect((await viewer.events()).map(({ type }) => type)).not.toContain("ended");
    },
  );
});

// The last tests: the choice of one rendition stays.
describe("a changed ladder is followed without a reload:", () => {
  test("the page plays on when its rendition is no longer in the ladder", async () => {
    const sinceMs = Date.now();
    await choose(270);
    await viewer.untilFrame(({ height }) => height === 270, { sinceMs });
    await expectPlaying(180, await dropWith([low]));
  });

  test.runIf(isExhaustive)("and finds the rendition when it is there again", async () => {
    await expectPlaying(270, await dropWith([low, high]));
  });
});
