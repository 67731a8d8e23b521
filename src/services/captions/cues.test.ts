import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cuesIn, lettersIn, playScenes, type Scene, timeOfPts } from "../../../checks/lib/captions/cue-story.ts";
import { parseVtt } from "../../../checks/lib/captions/parse-vtt.ts";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { columnsOf } from "./cue-text.ts";
import { type Cue, CueMaker } from "./cues.ts";

const hostile = [
  ...["-->", "&", "<", ">", "&amp;", "&#0;", "<c>", "</v>", "NOTE", "WEBVTT", "\0", "\n\n", "\r", "\u2028", "\u0085"],
  ...[
    "\u202Eabc",
    "\u2066",
    "\uD800",
    "\uDC00x",
    "👩‍👩‍👧‍👦",
    "🇨🇭",
    "e\u0301",
    "\uFEFF",
    "\u200B",
    "\u00AD",
    " ",
    "",
    "a b  c",
  ],
  ...[
    "x".repeat(1000),
    `z${"\u0335".repeat(500)}`,
    `q${"\u200D".repeat(500)}`,
    "\u00AD".repeat(300),
    "👩‍👩‍👧‍👦".repeat(60),
  ],
  ...["a\n\nb", "x\0y", "c\td", "e\u2028f", "\n\n9\n00:00:00.000 --> 00:00:09.000\nevil", "g\r\rh", "\u0085i\u0085"],
  ...["שלום", "NixOS", "مرحبا", "東京は夜の七時", "สวัสดีครับทุกคน", "「はい。」", "，", "!", "Straße", "ΣΊΣΥΦΟΣ"],
];
const anyText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("and", "the", "a", "word", "and,", "so.", "internationalisation", "I", "we"),
  },
  { weight: 2, arbitrary: fc.constantFrom(...hostile) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
);
const anyTime = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: 0, max: 2, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e9, 1e9, 5),
  },
);
const anyWord = fc.record({ text: anyText, start: anyTime, length: fc.constantFrom(0, 0.1, 0.3, 0.5, 4, -1) });
const anyWords = fc
  .array(anyWord, { maxLength: 30 })
  .map((words) =>
    words
      .toSorted((one, other) => one.start - other.start)
      .map(({ text, start, length }) => ({ text, start, end: start + length })),
  );
const anyScene: fc.Arbitrary<Scene> = fc.record({
  seconds: fc.constantFrom(2, 2, 2, 0.4, 1.001, 6.006),
  discontinuity: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
  words: anyWords,
});
const silence: Scene = { seconds: 6, discontinuity: false, words: [] };
// What floods into the last scene is over by then.
const afterwards = Array.from({ length: 30 }, () => silence);
const anyStory = fc.array(anyScene, { minLength: 1, maxLength: 12 }).map((scenes) => [...scenes, ...afterwards]);
const anyLanguage = fc.constantFrom("en", "de", "ja", "zh", "th", "ar", "he", "ko", "xx");
// Their written forms have the same letters, so that nothing may be missing.
const glossary = [
  { heard: "and the", written: "andthe" },
  { heard: "the a word", written: "theaword" },
  { heard: "we we we", written: "wewe we" },
];
const withoutGlossary = (language: string) => new CueMaker({ glossary: [], language });

describe("cues, whatever the words, their times and the segments", () => {
  const always = (claim: (scenes: readonly Scene[], language: string) => void) =>
    fc.assert(fc.property(anyStory, anyLanguage, claim), { numRuns: runs(12, 300) });

  it("have every letter once, in order", () =>
    always((scenes, language) => {
      const shown = cuesIn(playScenes(withoutGlossary(language), scenes)).flatMap(({ lines }) => lines);
      expect(lettersIn(shown)).toBe(lettersIn(scenes.flatMap(({ words }) => words.map(({ text }) => text))));
    }));

  it("have every letter once with a glossary too", () =>
    always((scenes, language) => {
      const shown = cuesIn(playScenes(new CueMaker({ glossary, language }), scenes)).flatMap(({ lines }) => lines);
      expect(lettersIn(shown)).toBe(lettersIn(scenes.flatMap(({ words }) => words.map(({ text }) => text))));
    }));

  it("have one or two lines that fit on the screen", () =>
    always((scenes, language) => {
      for (const { lines } of cuesIn(playScenes(withoutGlossary(language), scenes))) {
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.length).toBeLessThan(3);
        for (const line of lines) expect(columnsOf(line.replace(/^[\u200E\u200F]/, ""))).toBeLessThanOrEqual(42);
        for (const line of lines) expect(line.trim()).not.toBe("");
      }
    }));

  it("follow each other without overlap", () =>
    always((scenes, language) => {
      let free = 0;
      for (const { start, end } of cuesIn(playScenes(withoutGlossary(language), scenes))) {
        expect(start).toBeGreaterThanOrEqual(free);
        expect(end).toBeGreaterThan(start);
        free = end;
      }
    }));

  it("are in every segment that they span, unchanged, up to another connection of the camera", () =>
    always((scenes, language) => {
      const published = playScenes(withoutGlossary(language), scenes);
      const all = cuesIn(published);
      let connected = 0;
      for (const { segment, cues } of published) {
        if (segment.discontinuity) connected = segment.start;
        const spans = ({ start, end }: Cue) => start < segment.end - 0.0005 && end > segment.start + 0.0005;
        expect(cues).toEqual(all.filter((cue) => spans(cue) && cue.start > connected - 0.0005));
      }
    }));

  it("are WebVTT that says the same, with the very same times in each file", () =>
    always((scenes, language) => {
      const times = new Map<string, string>();
      for (const { cues, vtt } of playScenes(withoutGlossary(language), scenes)) {
        const parsed = parseVtt(vtt);
        expect(Buffer.byteLength(vtt)).toBeGreaterThanOrEqual(40);
        expect(vtt).not.toMatch(/\p{Cs}/u);
        expect(parsed.cues.map(({ id, lines }) => ({ id, lines }))).toEqual(
          cues.map(({ id, lines }) => ({ id, lines })),
        );
        for (const [at, { id, start, end }] of parsed.cues.entries()) {
          expect(Math.abs(timeOfPts(parsed.mpegts) + start - cues[at]!.start)).toBeLessThan(0.0011);
          expect(Math.abs(timeOfPts(parsed.mpegts) + end - cues[at]!.end)).toBeLessThan(0.0011);
          const now = `${parsed.mpegts} ${start} ${end}`;
          expect(times.get(id) ?? now).toBe(now);
          times.set(id, now);
        }
      }
    }));
});
