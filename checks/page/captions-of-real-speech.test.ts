import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { captionTracks, findCaptionPrograms, startCaptions } from "../../src/local/captions.ts";
import { leastOwnShare, proveCaptions, untilReady } from "../../src/local/captions-proof.ts";
import { startCamera } from "../../src/local/on-air.ts";
import { spokenWords } from "../../src/local/spoken-words.ts";
import { talk } from "../../src/local/talk.ts";
import { wordsOf } from "../../src/local/word-match.ts";
import { speechOf } from "../../src/publish/speech.ts";
import type { SpokenSentence } from "../../src/publish/spoken-times.ts";
import { openPage, type Viewer } from "../lib/browser/browser-viewer.ts";
import { captionsOf, type Shown } from "../lib/browser/captions-menu.ts";
import { startChromium } from "../lib/browser/chromium.ts";
import { untilSettled } from "../lib/browser/drop.ts";
import { freezes } from "../lib/browser/freezes.ts";
import { complaintsOfOurs } from "../lib/browser/owncast-complaints.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needs } from "../lib/needs.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { needsQuiet } from "../lib/process/needs-quiet.ts";
import { ensureCalm, measurePressure } from "../lib/process/processor-pressure.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { ensureHeard } from "../lib/speech/ensure-heard.ts";
import { untilOnline } from "../lib/stream/owncast-state.ts";

if (!isExhaustive) noteLeftOut("captions of real speech on Owncast's page");

const needsSpeech = { ...needsQuiet, ...needs(Boolean(process.env.SPEECH), "the speech engines → npm run setup") };
const programs = () => ({ ...findCaptionPrograms(), lectern: lecternCommand(), apertium: undefined });

describe.runIf(isExhaustive)("from the camera's voice to Owncast's page", needsSpeech, () => {
  let stage: Stand;
  let browser: Browser;
  let viewer: Viewer;
  let captions: Awaited<ReturnType<typeof startCaptions>>;
  const sentences: SpokenSentence[] = [];

  beforeAll(async () => {
    expect(captionTracks(programs())).toEqual([{ language: "en", source: "speech" }]);
    stage = await startStand("checks/page/spoken-stage.yaml");
    captions = await startCaptions(stage, programs());
    await untilReady(captions);
    const speech = speechOf(Buffer.from(talk), { file: "the talk", loop: true });
    await startCamera(stage, { speech, onSpoken: (sentence) => sentences.push(sentence) });
    await untilOnline(stage.owncastUrl);
    browser = await startChromium(stage.caFile);
    viewer = await openPage(browser, stage.page);
    await viewer.play();
    await untilSettled(viewer);
    await captionsOf(viewer).choose("English");
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.stop();
  });

  /** The engine's seconds for a second of sound. */
  let realTimeFactor = 0;

  test("words are right, and on the screen within their own segment", async (context) => {
    const report = await proveCaptions(stage, captions, sentences, () => {});
    process.stderr.write(`${JSON.stringify(report)}\n`);
    realTimeFactor = report.realTimeFactor ?? 0;
    expect(report.tracks).toEqual(["English (automatic)"]);
    ensureHeard(context, realTimeFactor);
    expect(report.spokenWords).toBeGreaterThan(40);
    expect(report.inOwnSegmentShare).toBeGreaterThanOrEqual(leastOwnShare);
  });

  /** Of the words on the screen, those that were spoken within some seconds of the frame. */
  const nearWords = ({ clockMs = 0, text }: Shown): number => {
    const near = spokenWords(sentences).filter(({ atMs }) => Math.abs(atMs - clockMs) < 6000);
    const shown = wordsOf(text);
    return shown.filter((word) => near.some((spoken) => spoken.text === word)).length / shown.length;
  };

  const look = async (count: number): Promise<number[]> => {
    const seen: Shown[] = [];
    for (; seen.length < count; await sleep(700)) seen.push(await captionsOf(viewer).shown());
    // A sentence is known once it has been spoken to its end.
    await sleep(8000);
    return seen.filter(({ text }) => text !== "").map(nearWords);
  };

  test("the words on the page are those of its frames", async (context) => {
    ensureHeard(context, realTimeFactor);
    const shares = await look(30);
    expect(shares.length).toBeGreaterThan(15);
    expect(shares.filter((share) => share >= 0.6).length / shares.length).toBeGreaterThan(0.8);
  });

  test("the page plays on when both programs are killed, and has captions again when they are back", async (context) => {
    const pressure = measurePressure();
    const sinceMs = Date.now();
    for (const name of ["the captions service", "the speech server"]) {
      const part = stage.part(name);
      process.kill(part.pid ?? 0, "SIGKILL");
      await part.stop();
      stage.parts.splice(stage.parts.indexOf(part), 1);
    }
    const master = async () => (await (await fetch(`http://${stage.keeper}/hls/stream.m3u8`)).text()) ?? "";
    expect(await master()).not.toContain("SUBTITLES");
    await sleep(12_000);
    expect((await captionsOf(viewer).shown()).text).toBe("");
    captions = await startCaptions(stage, programs());
    await untilReady(captions);
    // The service tells the keeper twice a second.
    await expect.poll(master, { timeout: 30_000 }).toContain("SUBTITLES");
    const untilMs = Date.now() + 60_000;
    while ((await captionsOf(viewer).shown()).text === "" && Date.now() < untilMs) await sleep(200);
    expect((await captionsOf(viewer).shown()).text).not.toBe("");
    ensureCalm(context, pressure());
    const frames = await viewer.frames(sinceMs);
    expect(freezes(frames, { untilMs: frames.at(-1)?.atMs ?? 0 })).toEqual([]);
    expect(complaintsOfOurs(viewer.complaints)).toEqual([]);
  });
});
