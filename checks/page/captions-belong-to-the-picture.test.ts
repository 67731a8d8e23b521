import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseMedia } from "../../src/viewer/playlist.ts";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { type CaptionedStage, startCaptionedStage } from "../lib/browser/captioned-stage.ts";
import { watchLeads } from "../lib/browser/captions-lead.ts";
import { captionsOf, shownNatively } from "../lib/browser/captions-menu.ts";
import { type CaptionSample, sampleCaptions, samplesTable } from "../lib/browser/captions-samples.ts";
import { dropFor, untilSettled } from "../lib/browser/drop.ts";
import { openHlsJsPage } from "../lib/browser/hls-js-page.ts";
import { complaintsOfOurs } from "../lib/browser/owncast-complaints.ts";
import { ffmpegReader } from "../lib/captions/by-ffmpeg.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needsQuiet } from "../lib/process/needs-quiet.ts";
import { ensureCalm, measurePressure } from "../lib/process/processor-pressure.ts";

if (!isExhaustive) noteLeftOut("captions through a lost camera, in two players");

// Two minutes. The step is no multiple of a segment's length. A frame is 67 ms long.
const plan = { count: 100, everySeconds: 1.2, frameMs: 68 };
const leastRight = 0.95;

let stage: CaptionedStage;
let viewer: Viewer;
let other: Viewer | undefined;

beforeAll(async () => {
  const tracks = [
    { language: "en", name: "English (automatic)", text: (mark: string) => `part ${mark} of the talk` },
    { language: "fr", name: "Français (automatique)", text: (mark: string) => `partie ${mark} de l'exposé` },
  ];
  stage = await startCaptionedStage("checks/page/captioned-stage.yaml", tracks, async (browser, { page }) => {
    // This viewer waits for the stream, and comes as near to live as a page can.
    viewer = await openPage(browser, page);
  });
  other = isExhaustive ? await openHlsJsPage(stage.browser, stage.stand.page) : undefined;
  await Promise.all([viewer.play().then(() => untilSettled(viewer)), other && untilSettled(other)]);
});
afterAll(() => stage?.stop());

/** Prints the table, and resolves to whether enough samples are right. */
function shareRight(player: string, samples: readonly CaptionSample[]): number {
  process.stderr.write(`${player}\n${samplesTable(samples)}`);
  return samples.filter(({ isRight }) => isRight).length / samples.length;
}

describe.runIf(isExhaustive)("ffmpeg", needsQuiet, () => {
  test("plays a stage with tracks", async () => {
    const { page, caFile } = stage.stand;
    expect(await ffmpegReader(caFile).play(`${page}/hls/stream.m3u8`, 2)).toBeGreaterThan(15);
  });

  test("reads each file of a track, with the timestamp of its segment", async () => {
    const { page, caFile } = stage.stand;
    const ffmpeg = ffmpegReader(caFile);
    const list = await fetch(`${stage.keeper.url}/hls/captions/fr/stream.m3u8`);
    const { segments } = parseMedia(await list.text());
    expect(segments.length).toBeGreaterThan(2);
    for (const { uri, durationSeconds } of segments.slice(-3)) {
      const url = `${page}/hls/captions/fr/${uri}`;
      const end = `0${Math.floor(durationSeconds)},${durationSeconds.toFixed(3).split(".")[1]}`;
      expect(await ffmpeg.srt(url)).toMatch(
        new RegExp(`^1\\n00:00:00,000 --> 00:00:${end}\\npartie \\d{4} de l'exposé\\s*$`),
      );
      const firstPts = await ffmpeg.firstPts(`${page}/hls/0/${uri.replace(/\.vtt$/, ".ts")}`);
      const file = readFileSync(join(stage.stand.folder, "captions/fr", uri), "utf8");
      expect(file).toContain(`MPEGTS:${firstPts},`);
    }
  });
});

describe("Owncast's own player", needsQuiet, () => {
  test("shows a button for captions by itself, with the languages by their names, and none is on", async () => {
    const captions = captionsOf(viewer);
    await captions.untilButton();
    const entries = await captions.entries();
    expect(entries).toEqual(expect.arrayContaining(["English (automatic)", "Français (automatique)"]));
    expect(await captions.chosen()).toEqual([expect.stringMatching(/off/)]);
    expect((await captions.shown()).text).toBe("");
  });

  test.runIf(isExhaustive)(
    "shows each cue on the frames that it belongs to, also through a lost camera",
    async (context) => {
      const captions = captionsOf(viewer);
      await captions.choose("English");
      await other?.page.evaluate("hls.subtitleTrack = 0");
      await Promise.all([untilSettled(viewer, Date.now() - 10_000), other && untilSettled(other, Date.now() - 10_000)]);
      const leads = [viewer, ...(other ? [other] : [])].map(watchLeads);
      const options = { ...plan, halfway: () => dropFor(stage.camera, 3) };
      const { segments } = stage.captions;
      const pressure = measurePressure();
      const looks = [
        sampleCaptions(captions.shown, segments, options),
        // The camera is lost once.
        ...(other ? [sampleCaptions(() => shownNatively(other as Viewer), segments, plan)] : []),
      ];
      const [own = [], native = []] = await Promise.all(looks);
      const right = [shareRight("Owncast's player", own), shareRight("hls.js", native)];
      process.stdout.write(`programs waited for a processor in ${Math.round(pressure() * 100)} % of the time\n`);
      const after = leads.map((leadsOf) => leadsOf());
      const least = after.map((seconds) => Math.min(...seconds));
      process.stdout.write(`after the loss, captions came at least ${least.join(" s and ")} s before their picture\n`);
      ensureCalm(context, pressure());
      // A player that came to the end of what it had plays each segment at once since then: its looks alone would be right by luck.
      expect(Math.min(...after.map(({ length }) => length))).toBeGreaterThan(15);
      expect(Math.min(...least)).toBeGreaterThan(0);
      expect(Math.min(...right)).toBeGreaterThanOrEqual(leastRight);
    },
  );

  test("logs no errors", () => {
    expect(complaintsOfOurs(viewer.complaints)).toEqual([]);
    expect(other?.complaints ?? []).toEqual([]);
  });
});
