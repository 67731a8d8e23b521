import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sample } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { englishEngines, type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { type SpokenText, silence, speak } from "../lib/speech/spoken-text.ts";
import {
  connectVosk,
  endOfStream,
  resetOfStream,
  type Transcript,
  textOf,
  transcribe,
  type VoskWord,
} from "../lib/speech/vosk-client.ts";
import { wordErrors } from "../lib/speech/word-errors.ts";

const said = "Today we will talk about the history of the public library.\nThank you for listening.";
// The gate hears a word's quiet edges, and engines place words to within a few hundredths of a second.
const slackSeconds = 0.5;

describe.each(sample("speech engines", englishEngines(), 1))(
  "the speech server with $engine",
  needsSpeech,
  ({ engine, args }) => {
    let server: SpeechServer;
    let spoken: SpokenText;
    let heard: Transcript;
    beforeAll(async () => {
      [server, spoken] = await Promise.all([startSpeechServer(...args), speak(said)]);
      heard = await transcribe(server.url, spoken.pcm);
    });
    afterAll(() => server?.end());

    test("hears what is said, and when", () => {
      const { words, answers } = heard;
      expect(wordErrors(said, textOf(words)).errors).toBeLessThanOrEqual(4);
      const [first, second] = spoken.sentences;
      const isIn = ({ start, end }: VoskWord, sentence = first) =>
        sentence && start >= sentence.startSeconds - slackSeconds && end <= sentence.endSeconds + slackSeconds;
      expect(words.filter((word) => !isIn(word) && !isIn(word, second))).toEqual([]);
      expect(words.map(({ start }) => start)).toEqual(
        words.map(({ start }) => start).toSorted((one, other) => one - other),
      );
      // The first sentence is final before the second one has been said.
      const firstFinal = answers.find(({ answer }) => answer.result)?.atSeconds;
      expect(firstFinal).toBeLessThan(second?.endSeconds ?? 0);
    });

    test("never changes or adds a word before the time that it calls settled", () => {
      const { answers } = heard;
      for (const [at, { answer }] of answers.entries()) {
        const later = answers
          .slice(at + 1)
          .flatMap(({ answer: { result = [], partial_result = [] } }) => [...result, ...partial_result]);
        expect(later.filter(({ start }) => start < answer.settled - 0.001)).toEqual([]);
      }
      expect(answers.at(-1)?.answer.settled).toBeCloseTo(spoken.pcm.length / 32_000, 1);
    });

    test("counts times from the stream's start also after a reset, and closes at the stream's end", async () => {
      const client = await connectVosk(server.url);
      await client.ask(spoken.pcm.subarray(0, 64_000));
      const reset = await client.ask(resetOfStream);
      expect(reset).toHaveProperty("text");
      await client.ask(silence(3));
      const [first] = spoken.sentences;
      const sound = spoken.pcm.subarray(0, Math.round((first?.endSeconds ?? 0) * 16_000) * 2);
      const { result: before = [] } = await client.ask(sound);
      const { result = [] } = await client.ask(endOfStream);
      const last = [...before, ...result].at(-1)?.end ?? 0;
      expect(Math.abs(last - (2 + 3 + (first?.endSeconds ?? 0)))).toBeLessThan(slackSeconds);
      expect(await client.closed).toMatch(/^1000 /);
    });

    // sherpa-onnx has no times before a sentence is final.
    if (engine === "pocketsphinx")
      test("shows words with times while a sentence is said", () => {
        const { answers } = heard;
        const [first] = spoken.sentences;
        const during = answers.filter(({ atSeconds }) => atSeconds < (first?.endSeconds ?? 0));
        expect(during.flatMap(({ answer }) => answer.partial_result ?? []).map(({ word }) => word)).toContain("today");
      });
  },
);
