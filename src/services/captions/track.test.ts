import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FaultLog } from "../../lib/fault-log.ts";
import { CueMaker } from "./cues.ts";
import type { CaptionSource, Committed, Segment, TimedWord } from "./source.ts";
import { Track, trackFaults } from "./track.ts";
import { VttFolder } from "./vtt-folder.ts";

let root: string;
let nowMs: number;
let said: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lectern-track-"));
  nowMs = 1000;
  said = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

class TestSource implements CaptionSource {
  isReady = true;
  fault: string | undefined;
  settledTo = 0;
  words: TimedWord[] = [];
  fails = false;
  heard: string[] = [];
  hear({ file }: Segment): void {
    if (this.fails) throw new Error("a broken source");
    this.heard.push(file);
  }
  settled(): number {
    return this.settledTo;
  }
  commit({ end }: Segment): readonly TimedWord[] {
    if (this.fails) throw new Error("a broken source");
    const due = this.words.filter(({ start }) => start < end);
    this.words = this.words.filter(({ start }) => start >= end);
    return due;
  }
  async stop(): Promise<void> {}
}

function trackOf(source: CaptionSource): Track {
  return new Track({
    ...{ language: "en", name: "English", source, folder: new VttFolder(join(root, "en")), now: () => nowMs },
    makeCues: () => new CueMaker({ glossary: [], language: "en" }),
    faults: new FaultLog(trackFaults, "the track en", (line) => said.push(line)),
  });
}

function hear(track: Track, number: number, listedMs = nowMs): void {
  const segment = {
    ...{ file: `stream-a-${number}.ts`, start: 2 * number, end: 2 * number + 2 },
    ...{ madeAtMs: undefined, discontinuity: number === 0 },
  };
  track.hear({ segment, firstPts: 126_000 + number * 180_000, listedMs }, Buffer.alloc(64_000));
}
const files = (): string[] => readdirSync(join(root, "en")).sort();
const textOf = (number: number): string => readFileSync(join(root, "en", `stream-a-${number}.vtt`), "utf8");

it("commits a segment at its deadline, and not before", () => {
  const source = new TestSource();
  const track = trackOf(source);
  source.words = [{ text: "hello", start: 0.5, end: 1 }];
  hear(track, 0);
  nowMs += 3399;
  track.tick(2);
  expect(track.isIdle).toBe(false);
  nowMs += 1;
  track.tick(2);
  expect(textOf(0)).toMatch(/MPEGTS:126000,[\s\S]*hello/);
  expect(track.figures.commitSeconds.p50).toBe(3.4);
});

it("commits a segment before players may ask for it, whatever the lengths of the segments after it", () => {
  const track = trackOf(new TestSource());
  const hearFor = (number: number, start: number, end: number) => {
    const segment = { file: `stream-a-${number}.ts`, start, end, madeAtMs: undefined, discontinuity: false };
    track.hear({ segment, firstPts: 126_000, listedMs: nowMs }, Buffer.alloc(0));
  };
  hearFor(0, 0, 6);
  const listed = new Map([["stream-a-0.ts", nowMs]]);
  nowMs += 1000;
  listed.set("stream-a-1.ts", nowMs);
  hearFor(1, 6, 7);
  nowMs += 699;
  track.tick(2, listed);
  expect(track.figures.segments).toBe(0);
  nowMs += 1;
  track.tick(2, listed);
  expect(files()).toEqual(["stream-a-0.vtt"]);
  expect(track.figures.lateSegments).toBe(0);
});

it("commits at once when players may ask already, and counts what they may have asked for before", () => {
  const track = trackOf(new TestSource());
  const listed = new Map<string, number>();
  for (const number of [0, 1, 2, 3]) {
    hear(track, number);
    listed.set(`stream-a-${number}.ts`, nowMs);
  }
  nowMs += 300;
  listed.set("stream-a-4.ts", nowMs);
  track.tick(2, listed);
  expect(files()).toEqual(["stream-a-0.vtt", "stream-a-1.vtt", "stream-a-2.vtt"]);
  // The first two could be asked for 300 ms ago: the keeper waits, but not for ever.
  expect(track.figures).toMatchObject({ segments: 3, lateSegments: 2 });
});

it("does not ask for more trail after an outage of its source, or a burst of segments", () => {
  const source = new TestSource();
  const track = trackOf(source);
  const told: TimedWord[] = [];
  let isHeard = true;
  const play = (from: number, until: number) => {
    for (let number = from; number < until; number++) {
      hear(track, number);
      for (let at = 0; at < 20; at++) {
        nowMs += 100;
        track.tick(2);
        expect(track.needsMoreTrail()).toBe(false);
      }
      told.push({ text: `word${number}`, start: 2 * number + 1, end: 2 * number + 1.5 });
      if (isHeard) source.words = [...source.words, ...told.splice(0)];
    }
  };
  play(0, 10);
  // Eight seconds: it hangs, then it is known to be away, and then it hears what has waited.
  isHeard = false;
  play(10, 12);
  source.isReady = false;
  play(12, 14);
  [source.isReady, isHeard] = [true, true];
  play(14, 40);
  expect(track.figures.lateWords).toBeGreaterThan(2);
  for (let number = 40; number < 44; number++) hear(track, number);
  track.tick(2, new Map([40, 41, 42, 43].map((number) => [`stream-a-${number}.ts`, nowMs])));
  source.words = [81, 83].map((start) => ({ text: "burst", start, end: start + 0.5 }));
  play(44, 60);
});

it("gives words more time when the trail is longer", () => {
  const track = trackOf(new TestSource());
  hear(track, 0);
  nowMs += 3500;
  track.tick(3);
  expect(track.isIdle).toBe(false);
  nowMs += 1900;
  track.tick(3);
  expect(files()).toEqual(["stream-a-0.vtt"]);
});

it("commits at once what is settled", () => {
  const source = new TestSource();
  const track = trackOf(source);
  for (const number of [0, 1, 2]) hear(track, number);
  source.settledTo = 4.5;
  track.tick(2);
  expect(files()).toEqual(["stream-a-0.vtt", "stream-a-1.vtt"]);
});

it("counts words that come after their segment's deadline, and shows them", () => {
  const source = new TestSource();
  const track = trackOf(source);
  for (const number of [0, 1]) hear(track, number);
  source.settledTo = 2;
  track.tick(2);
  source.words = [{ text: "late", start: 0.5, end: 1 }];
  source.settledTo = 4;
  track.tick(2);
  expect(textOf(1)).toContain("late");
  expect(track.figures).toMatchObject({ words: 1, lateWords: 1, segments: 2 });
});

it("outlasts a source and a listener that throw, and says so once", () => {
  const source = new TestSource();
  source.fails = true;
  const track = trackOf(source);
  const committed: Committed[] = [];
  track.onCommitted(() => {
    throw new Error("a broken listener");
  });
  track.onCommitted((one) => committed.push(one));
  for (const number of [0, 1, 2]) hear(track, number);
  nowMs += 10_000;
  track.tick(2);
  expect(files()).toHaveLength(3);
  expect(committed.map(({ words }) => words)).toEqual([[], [], []]);
  expect(said).toEqual([expect.stringContaining("a broken source")]);
});

it("writes again when the folder can be written to, and never writes a file twice", () => {
  // A file is where the folder should be.
  writeFileSync(join(root, "en.txt"), "");
  const source = new TestSource();
  mkdirSync(join(root, "en"));
  writeFileSync(join(root, "en", "stream-a-0.vtt"), "of an earlier run");
  const track = trackOf(source);
  rmSync(join(root, "en"), { recursive: true });
  writeFileSync(join(root, "en"), "");
  for (const number of [0, 1]) hear(track, number);
  nowMs += 10_000;
  track.tick(2);
  expect(said).toEqual([expect.stringMatching(/cannot write caption files: .*; the stream goes on without them/)]);
  rmSync(join(root, "en"));
  track.tick(2);
  expect(files()).toEqual(["stream-a-1.vtt"]);
});

it("does not let a source without an end hold segments back for ever", () => {
  const track = trackOf(new TestSource());
  for (let number = 0; number < 100; number++) hear(track, number);
  track.tick(2);
  expect(files()).toHaveLength(40);
});

it("gives a transcript nothing twice that an earlier run has committed", async () => {
  const words = Array.from({ length: 12 }, (_, at) => ({ text: `w${at}.`, start: at + 0.1, end: at + 0.9 }));
  const kept: string[] = [];
  const run = async (numbers: readonly number[]) => {
    const source = new TestSource();
    source.words = words.filter(({ start }) => start > 2 * (numbers[0] ?? 0) && start < 2 * (numbers.at(-1) ?? 0) + 2);
    const track = trackOf(source);
    const ids = new Set<string>();
    track.record({
      async add(cues) {
        for (const { id, lines } of cues) if (!ids.has(id) && ids.add(id)) kept.push(...lines);
      },
      async close() {},
    });
    for (const number of numbers) hear(track, number);
    nowMs += 20_000;
    track.tick(2);
    return track;
  };
  await run([0, 1, 2]);
  // Killed. The next one hears the newest two again.
  await (await run([1, 2, 3, 4])).endSession();
  const said = kept.join(" ").split(" ");
  expect(said).toEqual([...new Set(said)]);
  expect(said).toEqual(expect.arrayContaining(["w0.", "w4.", "w6.", "w9."]));
});
