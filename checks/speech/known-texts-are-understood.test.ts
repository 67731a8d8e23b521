import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { englishEngines, type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { speak, spokenTextFile } from "../lib/speech/spoken-text.ts";
import { textOf, transcribe } from "../lib/speech/vosk-client.ts";
import { wordErrors } from "../lib/speech/word-errors.ts";

const bar = 0.15;
if (!isExhaustive) noteLeftOut("word errors of the speech engines");

describe.skipIf(needsSpeech.skip || !isExhaustive).each(englishEngines())("$engine", ({ args }) => {
  let server: SpeechServer;
  beforeAll(async () => {
    server = await startSpeechServer(...args);
  });
  afterAll(() => server?.end());

  test.each(["gettysburg", "lecture"] as const)("understands %s, spoken by flite", async (name) => {
    const text = spokenTextFile(name);
    const { pcm } = await speak(text);
    const { words } = await transcribe(server.url, pcm);
    const { rate } = wordErrors(text, textOf(words));
    process.stdout.write(`${name}: ${(rate * 100).toFixed(1)} % of the words wrong\n`);
    expect(rate).toBeLessThanOrEqual(bar);
  });
});
