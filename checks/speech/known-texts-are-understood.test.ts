import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Speaker } from "../../src/publish/speech.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { englishEngines, type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { speak, spokenTextFile } from "../lib/speech/spoken-text.ts";
import { textOf, transcribe } from "../lib/speech/vosk-client.ts";
import { wordErrors } from "../lib/speech/word-errors.ts";

// Guards against worse recognition; docs/captions-engines.md has the figures. PocketSphinx does not understand some vowels of slt.
const bars: Readonly<Record<string, Readonly<Record<`${"gettysburg" | "lecture"} by ${Speaker}`, number>>>> = {
  pocketsphinx: {
    ...{ "gettysburg by rms": 0.15, "lecture by rms": 0.1 },
    ...{ "gettysburg by slt": 0.22, "lecture by slt": 0.15 },
  },
  "sherpa-onnx": {
    ...{ "gettysburg by rms": 0.15, "lecture by rms": 0.15 },
    ...{ "gettysburg by slt": 0.15, "lecture by slt": 0.15 },
  },
};
if (!isExhaustive) noteLeftOut("word errors of the speech engines");

describe.runIf(isExhaustive).each(englishEngines())("$engine", needsSpeech, ({ engine, args }) => {
  let server: SpeechServer;
  beforeAll(async () => {
    server = await startSpeechServer(...args);
  });
  afterAll(() => server?.end());

  test.each([
    ["gettysburg", "rms"],
    ["lecture", "rms"],
    ["gettysburg", "slt"],
    ["lecture", "slt"],
  ] as const)("understands %s, spoken by flite's voice %s", async (name, speaker) => {
    const text = spokenTextFile(name);
    const { pcm } = await speak(text, speaker);
    const { words } = await transcribe(server.url, pcm);
    const { rate } = wordErrors(text, textOf(words));
    process.stdout.write(`${engine}: ${name} by ${speaker}: ${(rate * 100).toFixed(1)} % of the words wrong\n`);
    expect(rate).toBeLessThanOrEqual(bars[engine]?.[`${name} by ${speaker}`] ?? 0);
  });
});
