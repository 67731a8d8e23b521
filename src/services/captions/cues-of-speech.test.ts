import { describe, expect, it } from "vitest";
import { cuesIn, lettersIn, playScenes } from "../../../checks/lib/captions/cue-story.ts";
import { scenesOf, speak } from "../../../checks/lib/captions/speech.ts";
import { isExhaustive, sample } from "../../../checks/lib/exhaustive.ts";
import { CueMaker } from "./cues.ts";

// What an engine writes, with and without punctuation. The words are ours.
const talk = `Good morning everyone, and welcome to the second day. Before we begin I would like to thank the people who carried the
chairs, because without them we would all be standing. Today we talk about captions. When somebody speaks, the words appear on the
screen a moment later, and a person who cannot hear reads what the others have just heard. That sounds simple. It is not, for people
do not speak in sentences of eighty letters: they hesitate, they begin again, and sometimes they tell you internationalisation is an
uncomfortably long word. So what do we do? We wait for a pause if there is one, we look for a clause if there is none, and if neither
comes we cut where it hurts least. Yes. We also try not to show a line for half a second, since nobody reads that fast. Our stage runs
on a small machine under the table over there, which you may visit after lunch, but please do not touch the red cable, although it is
tempting. Questions? No? Then let us go on with the part that you came for.`;
const spoken = talk.toLowerCase().replace(/[.,?:;]/g, "");

/** A small generator, so that a run can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** A cue shows its first word this late at most: words wait 0.8 s for others, and a cue 1.5 s for the one before it. */
const latestSeconds = 2.3 + 0.001;
const earliestSeconds = 0.3 + 0.001;

function playTalk(text: string, wordsPerMinute: number, segmentSeconds: number, seed: number) {
  // Pauses stand where the text has punctuation; the engine may not write it.
  const times = speak(talk, wordsPerMinute, randomOf(seed));
  const words = text.split(/\s+/).map((word, at) => ({ ...times[at]!, text: word }));
  const maker = new CueMaker({ glossary: [], language: "en" });
  const cues = cuesIn(playScenes(maker, scenesOf(words, segmentSeconds)));
  return { words, cues, reading: maker.reading };
}

/** For each cue, how much later than its first word it appears. */
function delays({ words, cues }: ReturnType<typeof playTalk>): number[] {
  let at = 0;
  return cues.map(({ start, lines }) => {
    const first = words[at]!;
    at += lines.join(" ").split(" ").length;
    return start - first.start;
  });
}

const seeds = sample(
  "talks of the same text",
  Array.from({ length: isExhaustive ? 60 : 3 }, (_, at) => at + 1),
  3,
);

describe.each([
  { wordsPerMinute: 100, most17: 0.02, most25: 0 },
  { wordsPerMinute: 160, most17: 0.2, most25: 0.01 },
  { wordsPerMinute: 220, most17: 0.8, most25: 0.02 },
  { wordsPerMinute: 300, most17: 1, most25: 0.25 },
])("a talk at $wordsPerMinute words a minute", ({ wordsPerMinute, most17, most25 }) => {
  const cases = [talk, spoken].flatMap((text) =>
    [2, 1, 4].flatMap((seconds) => seeds.map((seed) => playTalk(text, wordsPerMinute, seconds, seed))),
  );

  it("is shown whole, soon after it is said", () => {
    for (const one of cases) {
      expect(lettersIn(one.cues.flatMap(({ lines }) => lines))).toBe(lettersIn(one.words.map(({ text }) => text)));
      const late = delays(one);
      expect(Math.max(...late)).toBeLessThanOrEqual(latestSeconds);
      expect(Math.min(...late)).toBeGreaterThanOrEqual(-earliestSeconds);
    }
  });

  it("can be read", () => {
    const all = cases.flatMap(({ cues }) => cues);
    const count = all.length;
    const rates = all.map(({ start, end, lines }) => lines.join(" ").length / (end - start));
    const over = (rate: number) => rates.filter((one) => one > rate * 1.002).length / count;
    const shortest = Math.min(...all.map(({ start, end }) => end - start));
    console.log(
      `${wordsPerMinute} words a minute: ${count} cues, ${(100 * over(17)).toFixed(1)} % over 17 and ` +
        `${(100 * over(25)).toFixed(1)} % over 25 characters a second, the shortest ${shortest.toFixed(2)} s, ` +
        `the latest ${Math.max(...cases.flatMap(delays)).toFixed(2)} s after its first word`,
    );
    expect(over(17)).toBeLessThanOrEqual(most17);
    expect(over(25)).toBeLessThanOrEqual(most25);
  });
});
