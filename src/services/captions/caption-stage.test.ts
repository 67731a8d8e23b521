import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readTracks } from "../../lib/captions-tracks.ts";
import { FaultLog } from "../../lib/fault-log.ts";
import { CaptionStage, stageFaults } from "./caption-stage.ts";
import { CueMaker } from "./cues.ts";
import type { CaptionSource, Segment } from "./source.ts";
import { type CueKeeper, Track, trackFaults } from "./track.ts";
import { VttFolder } from "./vtt-folder.ts";

let folder: string;
let said: string[];
let opened: { readonly name: string; isClosed: boolean; release: () => void }[];
let stage: CaptionStage;
let tracks: Track[];
let nowMs: number;

let told: string[];

/** Its words are late by two segments. */
class LateSource implements CaptionSource {
  readonly isReady = true;
  readonly fault = undefined;
  hear(): void {}
  settled(): number {
    return 0;
  }
  endSession(): void {
    told.push("end");
  }
  commit({ file, start }: Segment) {
    told.push(file);
    return start < 4 ? [] : [{ text: "late", start: start - 3, end: start - 2.5 }];
  }
  async stop(): Promise<void> {}
}

function trackOf(language: string) {
  const faults = new FaultLog(trackFaults, `the track ${language}`, (line) => said.push(line));
  const makeCues = () => new CueMaker({ glossary: [], language });
  const files = new VttFolder(join(folder, language));
  const source = new LateSource();
  return {
    track: new Track({ language, name: language, source, makeCues, folder: files, faults, now: () => nowMs }),
    folder: files,
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-stage-"));
  [said, told, opened, nowMs] = [[], [], [], 0];
  const made = ["en", "de"].map(trackOf);
  tracks = made.map(({ track }) => track);
  const say = (line: string) => void said.push(line);
  const openTranscript = ({ language, sessionId }: { language: string; sessionId: string }): CueKeeper => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const one = { name: `${sessionId}-${language}`, isClosed: false, release };
    opened.push(one);
    const close = () => held.then(() => void Object.assign(one, { isClosed: true }));
    return { add: async () => {}, close };
  };
  const faults = new FaultLog(stageFaults, "the captions service", say);
  stage = new CaptionStage({ captionsDir: folder, tracks: made, faults, openTranscript, say, now: () => nowMs });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const segment = (number: number, madeAtMs: number): Segment => ({
  ...{ file: `stream-a-${number}.ts`, start: 2 * number, end: 2 * number + 2 },
  ...{ madeAtMs, discontinuity: number === 0 },
});
const hear = (number: number): void => {
  stage.heard({ segment: segment(number, 0), firstPts: 0, listedMs: nowMs }, Buffer.alloc(0));
  nowMs += 20_000;
  stage.tick();
};
const list = (count: number): void =>
  stage.listed(new Set(Array.from({ length: count }, (_, at) => `stream-a-${at}.ts`)));

it("closes a session's transcripts before the next session's begin", async () => {
  await stage.began([], segment(0, Date.UTC(2026, 10, 30, 8)));
  stage.ended();
  stage.tick();
  const next = stage.began([], segment(1, Date.UTC(2026, 10, 30, 9)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(opened).toHaveLength(2);
  for (const { release } of opened) release();
  await next;
  expect(opened.map(({ name, isClosed }) => [name, isClosed])).toEqual([
    ["20261130T080000Z-en", true],
    ["20261130T080000Z-de", true],
    ["20261130T090000Z-en", false],
    ["20261130T090000Z-de", false],
  ]);
});

it("ends a session with all its segments before the next one begins, however soon that is", async () => {
  const first = segment(0, 0);
  await stage.began([], first);
  stage.heard({ segment: first, firstPts: 0, listedMs: nowMs }, Buffer.alloc(0));
  stage.ended();
  stage.tick();
  expect(told).toEqual([]);
  const next = stage.began([], segment(1, 0));
  expect(told).toEqual([first.file, first.file, "end", "end"]);
  for (const { release } of opened) release();
  await next;
});

it("gives late words more time, as far as the list is long, and says how much", () => {
  list(5);
  for (let number = 0; number < 60; number++) hear(number);
  expect(stage.trailSegments).toBe(3);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("captions have 3 segments of time");
  stage.tell();
  expect(readTracks(folder)).toMatchObject({ trailSegments: 3, tracks: [{ language: "en" }, { language: "de" }] });
  list(25);
  for (let number = 60; number < 200; number++) hear(number);
  expect(stage.trailSegments).toBe(6);
  expect(tracks[0]?.figures.lateWords).toBeGreaterThan(100);
});
