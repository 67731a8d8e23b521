import { describe, expect, it } from "vitest";
import { HeardInterpreter } from "./interpreter-source.ts";
import type { Segment } from "./source.ts";
import type { SpeechClient } from "./speech-client.ts";

const rate = 16_000;
const startMs = Date.UTC(2026, 10, 30, 9);

/** A client whose server understands a word at each given second of sound. */
function clientThatHears(secondsOfSound: readonly number[]): SpeechClient & { sent: number } {
  const left = [...secondsOfSound];
  return {
    sent: 0,
    send(pcm) {
      this.sent += pcm.length / 2;
    },
    heard() {
      return { settledSample: this.sent };
    },
    takeWords(until) {
      const taken = left.filter((second) => second * rate < Math.min(until, this.sent));
      left.splice(0, left.length, ...left.filter((second) => !taken.includes(second)));
      return taken.map((second) => ({
        ...{ text: `word${second}`, startSample: second * rate, endSample: (second + 0.4) * rate },
      }));
    },
    isReady: true,
    fault: undefined,
    figures: { lagSeconds: 0, droppedSeconds: 0, realTimeFactor: 0.1, reconnects: 0, strangeAnswers: 0 },
    stop() {},
  };
}

/** A stage of segments of two seconds, whose first frame was made at `startMs`, and an interpreter who begins `offsetSeconds` later. */
function stage(
  offsetSeconds: number,
  words: readonly number[],
  gap = { afterSegment: Number.POSITIVE_INFINITY, seconds: 0 },
) {
  let nowMs = startMs;
  const source = new HeardInterpreter(clientThatHears(words), () => nowMs);
  let number = 0;
  return {
    source,
    /** The interpreter talks until so many seconds after the stage began. */
    talkUntil(second: number) {
      source.input.begin();
      for (let at = offsetSeconds; at < second; at += 0.1) {
        nowMs = startMs + (at + 0.1) * 1000;
        source.input.arrived(rate / 10, nowMs);
        source.input.hear(Buffer.alloc(rate / 5));
      }
    },
    list(): Segment {
      const start = number * 2;
      const madeAtMs = startMs + (start + (number > gap.afterSegment ? gap.seconds : 0)) * 1000;
      const segment = { file: `stream-a-${number++}.ts`, start, end: start + 2, madeAtMs, discontinuity: false };
      source.hear(segment);
      return segment;
    },
    at(second: number) {
      nowMs = startMs + second * 1000;
    },
  };
}

describe("an interpreter's word", () => {
  it("belongs to the picture that was made when its sound came, whenever the interpreter began", () => {
    const { source, list, talkUntil } = stage(3.2, [1.5, 5]);
    const segments = [list(), list(), list(), list(), list()];
    talkUntil(12);
    const words = segments.map((segment) => source.commit(segment));
    expect(words.map((some) => some.map(({ text }) => text))).toEqual([[], [], ["word1.5"], [], ["word5"]]);
    expect(words[2]?.[0]?.start).toBeCloseTo(4.7, 1);
    expect(words[2]?.[0]?.end).toBeCloseTo(5.1, 1);
    expect(words[4]?.[0]?.start).toBeCloseTo(8.2, 1);
  });

  it("that is said while the camera is gone is shown with its next picture", () => {
    const { source, list, talkUntil } = stage(0, [5, 14], { afterSegment: 1, seconds: 8 });
    const segments = [list(), list(), list(), list()];
    talkUntil(20);
    const words = segments.map((segment) => source.commit(segment));
    expect(words.map((some) => some.map(({ text }) => text))).toEqual([[], [], ["word5"], ["word14"]]);
    expect(words[2]?.[0]?.start).toBe(4);
    expect(words[3]?.[0]?.start).toBeCloseTo(6, 1);
  });

  it("that is understood late is part of the next answer", () => {
    const { source, list, talkUntil } = stage(0, [1]);
    const [first, second] = [list(), list()];
    expect(source.commit(first)).toEqual([]);
    talkUntil(4);
    expect(source.commit(second).map(({ text }) => text)).toEqual(["word1"]);
  });
});

it("the track is ready while an interpreter is connected, and for 30 s after", () => {
  const { source, at, talkUntil } = stage(0, []);
  expect([source.isReady, source.fault]).toEqual([false, "no interpreter is connected"]);
  talkUntil(5);
  expect(source.isReady).toBe(true);
  at(34);
  expect(source.isReady).toBe(true);
  at(36);
  expect(source.isReady).toBe(false);
});

it("sound is settled when the server has heard it, and without sound everything until 2 s ago is", () => {
  const { source, at, list, talkUntil } = stage(0, []);
  list();
  talkUntil(5);
  expect(Math.abs(source.settled() - 5)).toBeLessThan(0.2);
  at(20);
  expect(source.settled()).toBeCloseTo(18, 1);
});

describe("what an interpreter says while nobody is on air", () => {
  /** A client that hears the word of each second: sound holds the tenth of a second in which it was made. */
  function clientThatReads(): SpeechClient & { sent: number } {
    const { takeWords: _, ...client } = clientThatHears([]);
    const heard: { text: string; startSample: number; endSample: number }[] = [];
    return {
      ...client,
      send(pcm) {
        for (let at = 0; at < pcm.length; at += 2) {
          const tenth = pcm.readUInt16LE(at);
          const startSample = this.sent + at / 2;
          const text = `word${(tenth - 1) / 10}`;
          if (tenth % 10 === 1) heard.push({ text, startSample, endSample: startSample + 0.4 * rate });
        }
        this.sent += pcm.length / 2;
      },
      takeWords: (until) => heard.splice(0, heard.filter(({ startSample }) => startSample < until).length),
    };
  }

  /** An interpreter who says a word a second, all the time, beside pictures of two seconds. Times in seconds since the first picture. */
  function talk() {
    let nowMs = startMs;
    const client = clientThatReads();
    const source = new HeardInterpreter(client, () => nowMs);
    let [number, said] = [0, -50];
    source.input.begin();
    const until = (second: number): void => {
      for (; said < second * 10 - 0.5; said++) {
        nowMs = startMs + (said + 1) * 100;
        source.input.arrived(rate / 10, nowMs);
        const pcm = Buffer.alloc(rate / 5);
        if (said >= 0) pcm.writeUInt16LE(said + 1);
        source.input.hear(pcm);
      }
    };
    return {
      ...{ client, source, until },
      /** Lists the picture of two seconds that was made then; its words, once it is committed. */
      wordsAt(second: number, isDated = true) {
        const madeAtMs = isDated ? startMs + second * 1000 : undefined;
        const file = `stream-a-${number}.ts`;
        const segment = { file, start: number * 2, end: number * 2 + 2, madeAtMs, discontinuity: false };
        number += 1;
        source.hear(segment);
        until(second + 5);
        return source.commit(segment).map(({ text, start }) => ({ text, start: Math.round(start * 10) / 10 }));
      },
    };
  }

  it.each([
    ["a new stream", true, true],
    ["a camera that was gone for ten minutes", false, true],
    ["a new stream whose pictures have no date", true, false],
  ])("is neither heard nor shown by %s, and the first words on air are", (_, isOver, isDated) => {
    const { client, source, until, wordsAt } = talk();
    until(3);
    const wordsIn = (second: number) => wordsAt(second, isDated);
    expect(wordsIn(0).map(({ text }) => text)).toContain("word1");
    if (isOver) source.endSession();
    const sentSeconds = client.sent / rate;
    const pause = 600;
    until(pause + 2);
    const [first, second] = [wordsIn(pause), wordsIn(pause + 2)];
    expect(first).toEqual([
      { text: "word600", start: 2 },
      { text: "word601", start: 3 },
    ]);
    expect(second.map(({ text }) => text)).toEqual(["word602", "word603"]);
    expect(client.sent / rate - sentSeconds).toBeLessThan(60);
  });

  it("is not shown after a camera that was gone for 20 s", () => {
    const { until, wordsAt } = talk();
    until(3);
    wordsAt(0);
    expect(wordsAt(22).map(({ text }) => text)).toEqual(["word22", "word23"]);
  });

  it("is not shown by a stream that begins at once after another", () => {
    const { source, until, wordsAt } = talk();
    until(3);
    wordsAt(0);
    source.endSession();
    expect(wordsAt(6).map(({ text }) => text)).toEqual(["word6", "word7"]);
  });
});
