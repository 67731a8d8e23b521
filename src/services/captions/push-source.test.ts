import { describe, expect, it } from "vitest";
import { CueMaker } from "./cues.ts";
import { startPushSource } from "./push-source.ts";
import type { Segment, TimedWord } from "./source.ts";

const startMs = Date.UTC(2026, 10, 30, 9);
const language = "de";

/** A stage that lists a segment of two seconds every two seconds, and a captioner. Times in seconds since the stage began. */
function stage() {
  let nowMs = startMs;
  const source = startPushSource({ language, say: () => {}, now: () => nowMs });
  let number = 0;
  const list = (): Segment => {
    const start = number * 2;
    const segment = {
      ...{ file: `stream-a-${number++}.ts`, start, end: start + 2, discontinuity: false },
      madeAtMs: startMs + start * 1000,
    };
    source.hear(segment, Buffer.alloc(0));
    return segment;
  };
  return {
    source,
    at: (seconds: number) => {
      nowMs = startMs + seconds * 1000;
    },
    list,
    /** The text of the words of a segment that is committed. */
    committed: (segment: Segment) =>
      source
        .commit(segment)
        .map(({ text }) => text)
        .join(" "),
  };
}

describe("a captioner's line", () => {
  it("belongs to the segment whose picture was made when it was written, and stays long enough to be read", () => {
    const { source, at, list } = stage();
    at(2.5);
    const first = list();
    at(3.1);
    expect(source.inbox.put(["Guten Tag und herzlich willkommen."])).toMatchObject({ accepted: 1, live: true });
    expect(source.commit(first)).toEqual([]);
    at(4.5);
    const words = source.commit(list());
    expect(words.map(({ text }) => text)).toEqual(["Guten", "Tag", "und", "herzlich", "willkommen."]);
    expect(words[0]?.start).toBeCloseTo(3.1);
    expect((words.at(-1)?.end ?? 0) - (words[0]?.start ?? 0)).toBeCloseTo(34 / 17);
  });

  it("goes to the first segment that is not committed if it comes too late for its own", () => {
    const { source, at, list, committed } = stage();
    at(2.2);
    const [first, second] = [list(), list()];
    committed(first);
    source.inbox.put(["spät"]);
    committed(second);
    at(4.2);
    source.inbox.put(["später"]);
    expect(committed(list())).toBe("später");
  });

  it("may be one of several at once: each is shown after the one before, no word is lost", () => {
    const { source, at, list } = stage();
    at(2.2);
    list();
    const lines = Array.from({ length: 10 }, (_, at) => `Das ist der Satz Nummer ${at}, und er ist gut zu lesen.`);
    source.inbox.put(lines);
    const words: TimedWord[] = [];
    for (let number = 1; number < 20; number++) {
      at(2.2 + number * 2);
      words.push(...source.commit(list()));
    }
    expect(words.map(({ text }) => text).join(" ")).toBe(lines.join(" "));
    const ends = words.map(({ end }, at) => Math.max(...words.slice(0, at).map((word) => word.end), end));
    for (const [at, { start }] of words.entries())
      if (at > 0) expect(start).toBeGreaterThanOrEqual(words[at - 1]!.start);
    // A page's words begin together, when the page before has been read.
    for (const [at, { start }] of words.entries())
      if (at > 0 && start !== words[at - 1]!.start) expect(start).toBeGreaterThanOrEqual(ends[at - 1]! - 0.001);
  });

  it("is one cue on the screen for as long as its page says", () => {
    const { source, at, list } = stage();
    at(2.2);
    list();
    source.inbox.put(["Die Sitzung ist eröffnet, und ich begrüße Sie alle."]);
    const maker = new CueMaker({ glossary: [], language });
    at(4.2);
    const second = list();
    const [cue, ...others] = maker.cuesOf({ segment: second, words: source.commit(second) }, true);
    expect(others).toEqual([]);
    expect(cue?.lines.join(" ")).toBe("Die Sitzung ist eröffnet, und ich begrüße Sie alle.");
    expect((cue?.end ?? 0) - (cue?.start ?? 0)).toBeGreaterThanOrEqual(2.9);
  });

  it("for a stage that is off air is not kept", () => {
    const { source, at, list, committed } = stage();
    expect(source.inbox.put(["zu früh"])).toMatchObject({ accepted: 0, live: false });
    at(1);
    list();
    source.inbox.put(["bleibt liegen"]);
    at(90);
    expect(source.inbox.put(["zu spät"])).toMatchObject({ accepted: 0, live: false });
    expect(committed(list())).toBe("");
  });

  it("that is left of a stream is no part of the next one, however soon that begins", () => {
    const { source, at, list, committed } = stage();
    at(1);
    list();
    source.inbox.put(["bleibt liegen"]);
    source.endSession?.();
    at(2);
    expect(source.inbox.put(["dazwischen"])).toMatchObject({ accepted: 0, live: false });
    at(4);
    const next = list();
    source.inbox.put(["Guten Tag"]);
    expect([committed(next), committed(list()), committed(list())].filter((text) => text !== "")).toEqual([
      "Guten Tag",
    ]);
  });

  it("is refused while too many wait", () => {
    const { source, at, list } = stage();
    at(2);
    list();
    for (let line = 0; line < 40; line++) source.inbox.put([`${line}`]);
    expect(source.inbox.put(["noch eine"])).toMatchObject({ accepted: 0, full: true });
  });
});

describe("the track", () => {
  it("is ready while a captioner was seen in the last ten minutes, or in this stream", () => {
    const { source, at, list } = stage();
    expect([source.isReady, source.fault]).toEqual([false, "no captioner has connected"]);
    source.inbox.put([]);
    at(599);
    expect(source.isReady).toBe(true);
    at(601);
    expect(source.isReady).toBe(false);
    source.inbox.put([]);
    for (let seconds = 602; seconds < 3000; seconds += 2) {
      at(seconds);
      list();
    }
    expect(source.isReady).toBe(true);
    at(3100);
    expect(source.isReady).toBe(false);
    list();
    expect(source.isReady).toBe(false);
  });

  it("is settled up to now: what is written later belongs to later pictures", () => {
    const { source, at, list } = stage();
    expect(source.settled()).toBe(Number.NEGATIVE_INFINITY);
    at(2.5);
    list();
    expect(source.settled()).toBeCloseTo(2.5);
  });
});
