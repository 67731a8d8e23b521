import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCamera } from "../../src/local/on-air.ts";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { type LiveStage, startLiveStage } from "../lib/browser/live-stage.ts";
import { isExhaustive } from "../lib/exhaustive.ts";

let stage: LiveStage;
let viewer: Viewer;
beforeAll(async () => {
  stage = await startLiveStage("checks/page/stage.yaml");
  viewer = await openPage(stage.browser, stage.stand.page);
  await viewer.play();
});
afterAll(() => stage?.stop());

const low = { name: "Low", scaledWidth: 320, scaledHeight: 180, framerate: 15, videoBitrate: 400, cpuUsageLevel: 0 };
const high = { ...low, name: "High", scaledWidth: 640, scaledHeight: 360, videoBitrate: 1500 };

/** Changes the ladder and disconnects the camera for two seconds: the next session has the new ladder. Resolves to the time of the loss. */
async function loseCamera(ladder: readonly object[]): Promise<number> {
  const { stand } = stage;
  const authorization = `Basic ${Buffer.from(`admin:${stand.reveal("admin-password")}`).toString("base64")}`;
  const { status } = await fetch(`${stand.owncastUrl}/api/admin/config/video/streamoutputvariants`, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify({ value: ladder }),
  });
  expect(status).toBe(200);
  const lostMs = Date.now();
  const camera = stand.part("the camera");
  await camera.stop();
  stand.parts.splice(stand.parts.indexOf(camera), 1);
  await sleep(2000);
  await startCamera(stand);
  return lostMs;
}

/** Waits for a frame of a rendition of that height, filmed after the camera came back. */
async function expectPlaying(height: number, lostMs: number): Promise<void> {
  await viewer.untilFrame((frame) => frame.height === height && (frame.clockMs ?? 0) > lostMs + 2000, {
    sinceMs: lostMs,
  });
  const types = (await viewer.events(lostMs)).map(({ type }) => type);
  for (const type of ["ended", "error", "pause"]) expect(types).not.toContain(type);
}

/** Makes the player play only this rendition, as if the viewer had chosen it. */
const choose = (height: number) =>
  viewer.page.evaluate(`for (const one of document.querySelector(".video-js").player.tech({}).vhs.representations())
    one.enabled(one.height === ${height})`);

test("the page plays on when its rendition is no longer in the ladder, without a reload", async () => {
  await choose(360);
  await viewer.untilFrame(({ height }) => height === 360);
  await expectPlaying(180, await loseCamera([low]));
});

test.runIf(isExhaustive)("and finds the rendition when it is there again", async () => {
  await expectPlaying(360, await loseCamera([low, high]));
});
