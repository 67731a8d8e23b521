import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { needsSounds, needsSpeech } from "../lib/speech/needs-speech.ts";
import { type QuietSound, soundOf } from "../lib/speech/sounds.ts";
import { englishEngines, type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { type SpokenText, speak } from "../lib/speech/spoken-text.ts";
import { textOf, transcribe } from "../lib/speech/vosk-client.ts";
import { wordErrors } from "../lib/speech/word-errors.ts";

const said = "Good morning and welcome to the second day of our conference.";
// The second of silence before the voice is cut off: the speech follows at once.
const leadBytes = 32_000;
// `npm run bench -- speech` hears ten minutes of each.
const noiseSeconds = isExhaustive ? 40 : 15;
const tried = isExhaustive ? englishEngines() : englishEngines().slice(0, 1);
const sounds: readonly QuietSound[] = isExhaustive ? ["silence", "applause", "music"] : ["music"];

describe.each(tried)("the speech server with $engine", needsSpeech, ({ args }) => {
  let server: SpeechServer;
  let spoken: SpokenText;
  beforeAll(async () => {
    [server, spoken] = await Promise.all([startSpeechServer(...args), speak(said)]);
  });
  afterAll(() => server?.end());

  test.each(sounds)("has no word for %s, and hears the speech that follows at once", needsSounds, async (kind) => {
    const noise = await soundOf(kind, noiseSeconds);
    const { words, answers } = await transcribe(server.url, Buffer.concat([noise, spoken.pcm.subarray(leadBytes)]));
    const early = answers.filter(({ atSeconds }) => atSeconds <= noiseSeconds);
    expect(early.map(({ answer }) => answer.partial)).toEqual(early.map(() => ""));
    expect(words.filter(({ end }) => end < noiseSeconds)).toEqual([]);
    expect(wordErrors(said, textOf(words)).errors).toBeLessThanOrEqual(2);
  });
});
