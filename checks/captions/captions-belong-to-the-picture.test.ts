import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hearBeeps } from "../lib/captions/beep-engine.ts";
import { type CaptionedStage, startCaptionedStage } from "../lib/captions/captioned-stage.ts";
import { type FakeSpeechServer, startFakeSpeechServer } from "../lib/captions/fake-speech-server.ts";
import { readVtts } from "../lib/captions/read-vtt.ts";
import { makeBeepFilm } from "../lib/captions/spoken-film.ts";

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
const firstPts = 1.4;

test("a word's caption has the time of the frames at which it was said", async () => {
  await stage.connect(await makeBeepFilm(folder, 30));
  await expect
    .poll(() => stage.files("en").filter(({ text }) => text.includes("beep")).length, patience)
    .toBeGreaterThan(2);
  const cues = readVtts(stage.files("en").map(({ text }) => text));
  const misplaced = cues.map(({ start }) => ((start - firstPts + 0.5) % 3) - 1.5);
  const worst = Math.max(...misplaced.map(Math.abs));
  process.stdout.write(`misplaced by at most ${(worst * 1000).toFixed(0)} ms of ${misplaced.length} words\n`);
  expect(worst).toBeLessThan(0.5);
});
