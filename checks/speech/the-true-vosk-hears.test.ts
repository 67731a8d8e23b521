import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../lib/needs.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { soundFile } from "../lib/speech/sounds.ts";
import { type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { silence, speak, spokenTextFile } from "../lib/speech/spoken-text.ts";
import { type Transcript, textOf, transcribe } from "../lib/speech/vosk-client.ts";
import { wordErrors } from "../lib/speech/word-errors.ts";

// An optional lane: no package registry has an English model, and the set-up brings none. Of another language, VOSK_SOUND is a file with speech.
const { VOSK_MODEL: model = "", VOSK_LANGUAGE: language = "en", VOSK_SOUND: file } = process.env;
const needsVosk = needs(
  !needsSpeech.skip && model !== "",
  "a model of Vosk's → VOSK_MODEL=<folder> VOSK_LANGUAGE=<language> VOSK_SOUND=<file> npm run test:e2e",
);
const leadSeconds = 5;

describe("the speech server with the true Vosk", needsVosk, () => {
  let server: SpeechServer;
  let seconds = 0;
  let heard: Transcript;
  beforeAll(async () => {
    const lecture = spokenTextFile("lecture");
    const [started, pcm] = await Promise.all([
      startSpeechServer("--engine", "vosk", "--model", model, "--language", language),
      file === undefined ? speak(lecture).then((spoken) => spoken.pcm) : soundFile(file),
    ]);
    server = started;
    const sound = Buffer.concat([silence(leadSeconds), pcm]);
    seconds = sound.length / 32_000;
    heard = await transcribe(server.url, sound);
    process.stdout.write(`vosk (${language}): ${textOf(heard.words)}\n`);
    process.stdout.write(`vosk (${language}): ${server.peakMegabytes().toFixed(0)} MB at most\n`);
  });
  afterAll(() => server?.end());

  test("hears words, each with its time, in order, and none in silence", () => {
    const { words } = heard;
    expect(words.length).toBeGreaterThan(3);
    const times = words.flatMap(({ start, end }) => [start, end]);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    // The gate hears a word's quiet edges.
    expect(times[0]).toBeGreaterThan(leadSeconds - 0.5);
    expect(times.at(-1)).toBeLessThanOrEqual(seconds + 0.1);
  });

  test("tells words with times before a sentence is final", () => {
    const partial = heard.answers.flatMap(({ atSeconds, answer: { partial_result: words = [] } }) =>
      words.map((word) => ({ ...word, atSeconds })),
    );
    expect(partial.length).toBeGreaterThan(3);
    expect(partial.filter(({ start, end, atSeconds }) => !(start <= end && end <= atSeconds + 0.1))).toEqual([]);
  });

  test("never changes or adds a word before the time that it calls settled", () => {
    for (const [at, { answer }] of heard.answers.entries()) {
      const later = heard.answers
        .slice(at + 1)
        .flatMap(({ answer: { result = [], partial_result = [] } }) => [...result, ...partial_result]);
      expect(later.filter(({ start }) => start < answer.settled - 0.001)).toEqual([]);
    }
  });

  test.runIf(language === "en" && file === undefined)("has at most 15 % of the lecture's words wrong", () => {
    const { rate, words } = wordErrors(spokenTextFile("lecture"), textOf(heard.words));
    process.stdout.write(`vosk (en): ${(100 * rate).toFixed(1)} % of ${words} words are wrong\n`);
    expect(rate).toBeLessThanOrEqual(0.15);
  });
});
