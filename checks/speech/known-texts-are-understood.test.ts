import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { englishEngines, type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { speak, spokenTextFile } from "../lib/speech/spoken-text.ts";
import { textOf, transcribe } from "../lib/speech/vosk-client.ts";
import { wordErrors } from "../lib/speech/word-errors.ts";

// Guards against worse recognition; docs/captions-engines.md has the figures. PocketSphinx does not understand some vowels of this voice.
const bars: Readonly<Record<string, Readonly<Record<"gettysburg" | "lecture", number>>>> = {
  pocketsphinx: { gettysburg: 0.24, lecture: 0.18 },
  "sherpa-onnx": { gettysburg: 0.15, lecture: 0.15 },
};
if (!isExhaustive) noteLeftOut("word errors of the speech engines");

describe.skipIf(needsSpeech.skip || !isExhaustive).each(englishEngines())("$engine", ({ engine, args }) => {
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
    expect(rate).toBeLessThanOrEqual(bars[engine]?.[name] ?? 0);
  });
});
