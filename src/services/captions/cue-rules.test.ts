import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cuesIn, playScenes, type Scene } from "../../../checks/lib/captions/cue-story.ts";
import { parseVtt } from "../../../checks/lib/captions/parse-vtt.ts";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { columnsOf } from "./cue-text.ts";
import { CueMaker } from "./cues.ts";
import type { TimedWord } from "./source.ts";
import { VttMaker, vttText, vttTime } from "./vtt.ts";

const glossary = [
  { heard: "nicks os", written: "NixOS" },
  { heard: "the big one", written: "The Very Big And Very Long Name Of It" },
  { heard: "own cast server", written: "Owncast server" },
  { heard: "longest", written: "A name that is longer than a line of a caption can be" },
];

/** Words one after the other, each `each` seconds long. */
const say = (text: string, from = 0, each = 0.25): TimedWord[] =>
  text.split(" ").map((word, at) => ({ text: word, start: from + at * each, end: from + (at + 0.9) * each }));
const scene = (words: readonly TimedWord[], more: Partial<Scene> = {}): Scene => ({
  seconds: 2,
  discontinuity: false,
  words,
  ...more,
});
const play = (scenes: readonly Scene[], language = "en") => playScenes(new CueMaker({ glossary, language }), scenes);
const shown = (scenes: readonly Scene[], language = "en") =>
  cuesIn(play(scenes, language)).map(({ start, end, lines }) => [start, end, lines.join(" / ")]);
const texts = (scenes: readonly Scene[], language = "en") => shown(scenes, language).map(([, , text]) => text);

describe("a cue", () => {
  it("ends at a pause, and stays until the next one", () => {
    expect(shown([scene([...say("good morning"), ...say("hello there", 1.2)], { seconds: 4 })])).toEqual([
      [0, 1.2, "good morning"],
      [1.2, 3.675, "hello there"],
    ]);
  });

  it("goes two seconds after its last word, or later if it takes longer to read", () => {
    expect(shown([scene(say("yes"), { seconds: 6 })])).toEqual([[0, 2.225, "yes"]]);
    const [[, end]] = shown([scene(say("three short words that", 0, 0.05), { seconds: 6 })]) as [[number, number]];
    expect(end).toBeCloseTo(4 * 0.05 - 0.005 + 2, 2);
  });

  it("has two balanced lines, broken before a clause", () => {
    expect(
      texts([scene(say("the speaker has lost the thread of it because nobody is listening"), { seconds: 6 })]),
    ).toEqual(["the speaker has lost the thread of it / because nobody is listening"]);
  });

  it("is not cut after an article: the words at the end of a segment wait for the next ones", () => {
    expect(shown([scene(say("now we come to the end of the")), scene(say("second day"))])).toEqual([
      [0, 2, "now we come to the end"],
      [2, 4, "of the second day"],
    ]);
  });

  it("waits no longer than 0.8 s", () => {
    expect(shown([scene(say("a", 1.19, 0.8)), scene(say("day"))])[0]).toEqual([1.19, 2, "a"]);
    expect(shown([scene(say("a", 1.21, 0.78)), scene(say("day"))])).toEqual([[2, 4, "a day"]]);
  });

  it("waits for nothing if the camera's connection ends", () => {
    const [first, second] = shown([scene(say("now we come to the", 0.8)), scene(say("end"), { discontinuity: true })]);
    expect(first?.[2]).toBe("now we come to the");
    expect(first?.[1]).toBe(2);
    expect(second).toEqual([2, 4, "end"]);
  });

  it("is not repeated after another connection of the camera that nobody could foresee", () => {
    const maker = new CueMaker({ glossary, language: "en" });
    const segment = (at: number, discontinuity = false) => ({
      ...{ file: `stream-a-${at}.ts`, start: at * 2, end: at * 2 + 2, madeAtMs: undefined, discontinuity },
    });
    const words = say("everybody understood everything concerning international", 0.9, 0.16);
    expect(maker.cuesOf({ segment: segment(0), words }, true)).toMatchObject([
      { start: 0.9, end: expect.closeTo(3.14) },
    ]);
    expect(maker.cuesOf({ segment: segment(1, true), words: say("again") }, true)).toMatchObject([
      { lines: ["again"] },
    ]);
  });

  it("keeps words for the transcript that still wait at the very end", () => {
    const maker = new CueMaker({ glossary, language: "en" });
    const segment = { file: "stream-a-7.ts", start: 0, end: 2, madeAtMs: undefined, discontinuity: false };
    expect(maker.cuesOf({ segment, words: say("and the", 1.5) }, true)).toEqual([]);
    expect(maker.finish()).toEqual([{ id: "stream-a-7-0", start: 1.2, end: 2, lines: ["and the"] }]);
    expect(maker.finish()).toEqual([]);
  });

  it("shows words that come late with the segment that brings them", () => {
    expect(shown([scene([]), scene([...say("late words", -1.5), ...say("and these", 0.2)])])).toEqual([
      [2, 2.8, "late words"],
      [2.8, 4, "and these"],
    ]);
  });

  it("is in each segment that it spans, counted from the first one", () => {
    const fast = "everybody immediately understood everything concerning international organisations";
    const published = play([scene(say(fast, 0.9, 0.14)), scene([]), scene([]), scene([])]);
    const files = published.map(({ vtt }) => parseVtt(vtt));
    const [long, rest] = [
      { start: 0.9, end: 3.5 },
      { start: 3.5, end: 4.3, lines: ["organisations"] },
    ];
    expect(files).toMatchObject([
      { mpegts: 126_000, cues: [long] },
      { mpegts: 126_000, cues: [long, rest] },
      { mpegts: 126_000, cues: [rest] },
      { mpegts: 126_000 + 3 * 180_000, cues: [] },
    ]);
  });
});

describe("the glossary in cues", () => {
  it("is applied over the border of two segments", () => {
    expect(shown([scene(say("we like to use nicks", 0, 0.4)), scene(say("os here"))])).toEqual([
      [0, 2, "we like to use"],
      [2, 4, "NixOS here"],
    ]);
  });

  it("repeats no word if words after an entry wait", () => {
    expect(texts([scene(say("now nicks os comes to the end of the", 0, 0.22)), scene(say("second day"))])).toEqual([
      "now NixOS comes to the end",
      "of the second day",
    ]);
  });

  it("lets all words wait that may be an entry's beginning, not some of them", () => {
    expect(texts([scene(say("we use own cast", 0.5, 0.37)), scene(say("server here"))])).toEqual([
      "we use",
      "Owncast server here",
    ]);
  });

  it("does not wait for the rest of an entry for long", () => {
    expect(texts([scene(say("nicks", 1, 0.98)), scene(say("os here"))])).toEqual(["nicks", "os here"]);
  });

  it("is never broken, but for an entry that is longer than a line", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("nicks os", "the big one", "and", "some", "words", "internationally"), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.constantFrom(0.05, 0.2, 0.4),
        (parts, each) => {
          const lines = cuesIn(play([scene(say(parts.join(" "), 0, each), { seconds: 20 })])).flatMap(
            ({ lines }) => lines,
          );
          const count = (text: string, list: readonly string[]) =>
            list.reduce((sum, one) => sum + one.split(text).length - 1, 0);
          expect(count("NixOS", lines)).toBe(count("nicks os", parts));
          expect(count("The Very Big And Very Long Name Of It", lines)).toBe(count("the big one", parts));
        },
      ),
      { numRuns: runs(100, 2000) },
    ));

  it("breaks a very long entry at its spaces", () => {
    expect(texts([scene(say("longest"))])).toEqual(["A name that is longer than / a line of a caption can be"]);
  });
});

describe("pages of captioners and translators", () => {
  const page = (text: string, from: number, seconds: number): TimedWord[] =>
    text.split(" ").map((word, at, all) => ({
      text: word,
      start: from + at * 0.001,
      end: at === all.length - 1 ? from + seconds : from + at * 0.001,
    }));

  it("stay one cue each, until they have been read", () => {
    const one = "This is a page of a person who writes what is said, as a captioner does it.";
    const two = "And this is the next one.";
    expect(shown([scene([...page(one, 1, 4.4)]), scene([]), scene(page(two, 1.4, 1.5)), scene([])])).toEqual([
      [1, 5.4, "This is a page of a person who writes / what is said, as a captioner does it."],
      [5.4, 6.9, two],
    ]);
  });
});

describe("a page that needs three lines", () => {
  it("becomes two cues that share its time by their letters", () => {
    const [one, two, three] = ["a", "b", "c"].map((letter) => letter.repeat(25));
    const words = [one, two, three].map((text, at) => ({ text: text!, start: 0.5, end: at === 2 ? 5 : 0.5 }));
    expect(shown([scene(words, { seconds: 6 })])).toEqual([
      [0.5, 2, one],
      [2, 6, `${two} / ${three}`],
    ]);
  });
});

describe("other scripts", () => {
  it("have lines of 21 wide characters, broken between words, without spaces", () => {
    const heard = "今日はライブ配信の字幕についてお話ししたいと思います。よろしくお願いします。";
    const [text = ""] = texts([scene([{ text: heard, start: 0, end: 1.1 }])], "ja");
    const lines = String(text).split(" / ");
    expect(lines.join("")).toBe(heard);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(42);
    expect(lines[1]).not.toMatch(/^[。、]/);
  });

  it("have no space between Thai words, and one between Korean ones", () => {
    const words = (...list: string[]) => list.map((text, at) => ({ text, start: at * 0.3, end: at * 0.3 + 0.2 }));
    expect(texts([scene(words("สวัสดี", "ครับ", "ทุกคน"))], "th")).toEqual(["สวัสดีครับทุกคน"]);
    expect(texts([scene(words("안녕하세요", "여러분"))], "ko")).toEqual(["안녕하세요 여러분"]);
    expect(texts([scene(words("我们", "用", "NixOS", "做", "直播"))], "zh")).toEqual(["我们用NixOS做直播"]);
    expect(texts([scene(words("the", "word", "東京", "means"))], "en")).toEqual(["the word 東京 means"]);
  });

  it("get a mark of direction only on a line that players would turn round", () => {
    expect(texts([scene(say("NixOS هو نظام"))], "ar")).toEqual(["\u200FNixOS هو نظام"]);
    expect(texts([scene(say("نظام NixOS هو"))], "ar")).toEqual(["نظام NixOS هو"]);
    expect(texts([scene(say("שלום is hebrew"))], "en")).toEqual(["\u200Eשלום is hebrew"]);
    expect(texts([scene(say("12 NixOS"))], "ar")).toEqual(["\u200F12 NixOS"]);
    expect(texts([scene(say("12 34"))], "ar")).toEqual(["12 34"]);
  });

  it.each([
    ["abc", 3],
    ["日本語", 6],
    ["ｱｲｳ", 3],
    ["한국", 4],
    ["e\u0301e\u0301", 2],
    ["👩‍👩‍👧‍👦", 2],
    ["🇨🇭!", 3],
    ["สวัสดี", 4],
  ])("take their columns: %s", (text, columns) => expect(columnsOf(text)).toBe(columns));
});

describe("the VTT", () => {
  const cue = { id: "a-1-0", start: 11.5, end: 12.25, lines: ["a < b & c", "-->"] };

  it("counts from the segment's first timestamp, and escapes its text", () => {
    expect(vttText([cue], { start: 10 }, 126_000)).toBe(
      "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\na-1-0\n00:00:01.500 --> 00:00:02.250\n" +
        "a &lt; b &amp; c\n--&gt;\n",
    );
  });

  it("has at least 40 bytes without cues", () => {
    expect(vttText([], { start: 10 }, 0)).toBe("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n");
    expect(vttText([], { start: 10 }, 0).length).toBeGreaterThanOrEqual(40);
  });

  it.each([
    [2 ** 33 + 5, 5],
    [-90_000, 2 ** 33 - 90_000],
    [1.4, 1],
  ])("writes timestamps of 33 bits: %d as %d", (pts, written) =>
    expect(parseVtt(vttText([], { start: 0 }, pts)).mpegts).toBe(written),
  );

  it.each([
    [0, "00:00:00.000"],
    [-1, "00:00:00.000"],
    [59.9996, "00:01:00.000"],
    [3723.004, "01:02:03.004"],
    [360_000, "100:00:00.000"],
  ])("writes %d s as %s", (seconds, text) => expect(vttTime(seconds)).toBe(text));

  it("does not count from a segment whose timestamp nobody knew", () => {
    const maker = new VttMaker();
    const segment = { file: "stream-a-2.ts", start: 10, end: 12, madeAtMs: undefined, discontinuity: false };
    maker.textOf([], segment, 0);
    const next = parseVtt(maker.textOf([cue], { ...segment, start: 12, end: 14 }, 90_000));
    expect(next).toMatchObject({ mpegts: 90_000, cues: [{ start: 0, end: 0.25 }] });
  });

  it("begins a cue at 0 that an earlier writer began", () => {
    const segment = { file: "stream-a-2.ts", start: 12, end: 14, madeAtMs: undefined, discontinuity: false };
    expect(parseVtt(new VttMaker().textOf([cue], segment, 0)).cues).toMatchObject([{ start: 0, end: 0.25 }]);
  });
});
