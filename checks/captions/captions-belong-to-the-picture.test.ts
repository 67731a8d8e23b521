import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hearBeeps } from "../lib/captions/beep-engine.ts";
import { beepEverySeconds, makeBeepFilm } from "../lib/captions/beep-film.ts";
import { type CaptionedStage, startCaptionedStage } from "../lib/captions/captioned-stage.ts";
import { type FakeSpeechServer, startFakeSpeechServer } from "../lib/captions/fake-speech-server.ts";
import { streamCues } from "../lib/captions/stream-cues.ts";

let folder: string;
let speech: FakeSpeechServer;
let stage: CaptionedStage;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-captions-"));
  speech = await startFakeSpeechServer();
  hearBeeps(speech);
  stage = await startCaptionedStage({ options: ["--speech", `en=${speech.address}`] });
});
afterAll(async () => {
  await stage?.stop();
  await speech?.close();
  rmSync(folder, { recursive: true, force: true });
});

const patience = { timeout: 90_000, interval: 100 };
// Owncast's encoder begins its timestamps here.
const firstPtsSeconds = 1.4;

test("a word's caption has the time of the frames at which it was said, and the master names its track", async () => {
  await stage.connect({ media: { path: await makeBeepFilm(folder, 30), hasSound: true, loop: true } });
  const said = () => stage.files("en").filter(({ text }) => text.includes("beep"));
  await expect.poll(() => said().length, patience).toBeGreaterThan(1);
  const cues = streamCues(stage.files("en").map(({ text }) => text));
  const beepsAt = cues.map(({ start }) => start - firstPtsSeconds - 1);
  const misplaced = beepsAt.map((at) => at - beepEverySeconds * Math.round(at / beepEverySeconds));
  const worst = Math.max(...misplaced.map(Math.abs));
  process.stdout.write(`${misplaced.length} words, misplaced by at most ${(worst * 1000).toFixed(0)} ms\n`);
  expect(worst).toBeLessThan(0.3);
  expect(await stage.playlist("stream.m3u8")).toContain(`LANGUAGE="en"`);
  expect(await stage.playlist("captions/en/stream.m3u8")).toContain(`${said()[0]?.name}\n`);
});
