import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { type CaptionedStage, startCaptionedStage } from "../lib/captions/captioned-stage.ts";
import { streamCues } from "../lib/captions/stream-cues.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { needsQuiet } from "../lib/process/needs-quiet.ts";
import { ensureHeard } from "../lib/speech/ensure-heard.ts";
import { needsSounds } from "../lib/speech/needs-speech.ts";
import { over, secondsOf, soundOf } from "../lib/speech/sounds.ts";
import { type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { speak, spokenTextFile } from "../lib/speech/spoken-text.ts";
import { wordErrors } from "../lib/speech/word-errors.ts";

const decibels = 20;
const lecture = spokenTextFile("lecture");
const patience = { timeout: 240_000, interval: 500 };

/** Writes a film of sound; resolves to its path. */
async function makeFilm(folder: string, pcm: Buffer): Promise<string> {
  const [raw, film] = [join(folder, "sound.pcm"), join(folder, "film.mp4")];
  writeFileSync(raw, pcm);
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=320x180:rate=15:duration=${secondsOf(pcm)}`];
  const sound = ["-f", "s16le", "-ar", "16000", "-ac", "1", "-i", raw];
  const coded = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"];
  const args = ["-v", "error", ...picture, ...sound, ...coded, "-c:a", "aac", "-b:a", "128k", "-ar", "48000", film];
  await promisify(execFile)(findProgram("ffmpeg"), args);
  return film;
}

describe.runIf(isExhaustive)("speech over music through the whole chain", { ...needsQuiet, ...needsSounds }, () => {
  let folder: string;
  let film: string;
  let seconds: number;
  let speech: SpeechServer | undefined;
  let stage: CaptionedStage;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lectern-music-"));
    const spoken = await speak(lecture);
    seconds = secondsOf(spoken.pcm);
    film = await makeFilm(folder, over(spoken.pcm, await soundOf("music", seconds), decibels));
    speech = await startSpeechServer("--engine", "pocketsphinx", "--language", "en");
    const address = new URL(speech.url).host;
    stage = await startCaptionedStage({
      stageFile: "checks/lib/stages/spoken-stage.yaml",
      options: ["--speech", `en=${address}`],
    });
    await vi.waitFor(async () => expect((await stage.status()).tracks[0]?.ready).toBe(true), patience);
  });
  afterAll(async () => {
    await stage?.stop();
    await speech?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test("most words are in the captions", async (context) => {
    const written = new Map<string, string>();
    const gather = () => {
      for (const { name, text } of stage.files("en")) written.set(name, text);
    };
    await stage.connect({ media: { path: film, hasSound: true, loop: false } });
    await vi.waitFor(gather, patience);
    // The last words need their deadline. Files are gone a minute after their segment.
    for (const until = performance.now() + (seconds + 10) * 1000; performance.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      gather();
    }
    await stage.lose();
    const cues = streamCues([...written.values()]).toSorted((one, other) => one.start - other.start);
    const { rate, words } = wordErrors(lecture, cues.map(({ text }) => text).join(" "));
    const { tracks } = await stage.status();
    process.stdout.write(
      `over music, ${decibels} dB: word error rate ${(100 * rate).toFixed(1)} % of ${words} words, ${JSON.stringify(tracks[0]?.speech)}\n`,
    );
    ensureHeard(context, tracks[0]?.speech?.realTimeFactor);
    expect(rate).toBeLessThanOrEqual(0.2);
  });
});
