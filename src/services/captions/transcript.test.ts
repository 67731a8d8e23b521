import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { needs } from "../../../checks/lib/needs.ts";
import { runTypeScript } from "../../../checks/lib/process/lectern-command.ts";
import { mayMount, onSmallDisk } from "../../../checks/lib/process/small-disk.ts";
import { readWholeVtt } from "../../lib/transcript-vtt.ts";
import type { Cue } from "./cues.ts";
import { openTranscript } from "./transcript.ts";

const root = mkdtempSync(join(tmpdir(), "lectern-transcript-"));
afterAll(() => rmSync(root, { recursive: true }));

let dir = "";
let said: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(root, "case-"));
  said = [];
});

const sessionId = "20261130T084752Z";
const file = (format: string, language = "en") => join(dir, `${sessionId}-${language}.${format}`);
const text = (format: string, language = "en") => readFileSync(file(format, language), "utf8");
const open = (more: object = {}) =>
  openTranscript({ dir, language: "en", sessionId, say: (line) => said.push(line), ...more });
const cue = (number: number, start: number, ...lines: string[]): Cue => ({
  id: `stream-a-${number}-0`,
  start,
  end: start + 1.5,
  lines,
});

describe("a transcript", () => {
  it("is WebVTT, SubRip and plain text with times from the session's start", async () => {
    const transcript = open({ sessionStart: 100 });
    await transcript.add([cue(1, 100.5, "good morning everyone", "and welcome")]);
    await transcript.add([cue(2, 102, "a < b & c --> d")]);
    await transcript.add([cue(3, 3725.25, "after a pause")]);
    await transcript.close();
    expect(text("vtt")).toBe(
      "WEBVTT\n\n1\n00:00:00.500 --> 00:00:02.000\ngood morning everyone\nand welcome\n\n2\n00:00:02.000 --> 00:00:03.500\n" +
        "a &lt; b &amp; c --&gt; d\n\n3\n01:00:25.250 --> 01:00:26.750\nafter a pause\n\n",
    );
    expect(text("srt")).toBe(
      "1\n00:00:00,500 --> 00:00:02,000\ngood morning everyone\nand welcome\n\n2\n00:00:02,000 --> 00:00:03,500\n" +
        "a < b & c --> d\n\n3\n01:00:25,250 --> 01:00:26,750\nafter a pause\n\n",
    );
    expect(text("txt")).toBe(
      "[00:00:00] good morning everyone and welcome a < b & c --> d\n[01:00:25] after a pause\n",
    );
    expect(said).toEqual([]);
  });

  it("has a cue once that is given for each segment it spans", async () => {
    const transcript = open();
    await transcript.add([cue(1, 0, "one")]);
    await transcript.add([cue(1, 0, "one"), cue(2, 2, "two")]);
    await transcript.add([cue(2, 2, "two")]);
    await transcript.add([]);
    await transcript.close();
    expect(readWholeVtt(Buffer.from(text("vtt"))).cues.map(({ lines }) => lines)).toEqual([["one"], ["two"]]);
  });

  it("can be read by its owner and group only, and is not there before the first cue", async () => {
    const mask = process.umask(0o077);
    const transcript = open();
    await transcript.add([]);
    expect(() => text("vtt")).toThrow("ENOENT");
    await transcript.add([cue(1, 0, "one")]);
    process.umask(mask);
    for (const format of ["vtt", "srt", "txt"]) expect(statSync(file(format)).mode & 0o777).toBe(0o640);
    await transcript.close();
  });

  it("writes languages without spaces without spaces", async () => {
    const transcript = open({ language: "ja" });
    await transcript.add([cue(1, 0, "今日は良い", "天気ですね。"), cue(2, 1.6, "NixOSの話です。")]);
    await transcript.close();
    expect(text("txt", "ja")).toBe("[00:00:00] 今日は良い天気ですね。NixOSの話です。\n");
  });

  it("begins a line of plain text at a sentence after a long one, and anywhere after a very long one", async () => {
    const transcript = open();
    const many = Array.from({ length: 60 }, (_, at) =>
      cue(at, at * 1.5, at === 10 ? "x".repeat(39).concat(".") : "x".repeat(40)),
    );
    await transcript.add(many);
    await transcript.close();
    const lines = text("txt").trimEnd().split("\n");
    expect(lines.map((line) => line.length)).toEqual([
      11 + 11 * 41 - 1,
      11 + 23 * 41 - 1,
      11 + 23 * 41 - 1,
      11 + 3 * 41 - 1,
    ]);
  });
});

describe("a transcript that is opened again", () => {
  const cues = [
    cue(1, 0, "first words"),
    cue(2, 1.5, "Grüße & more"),
    cue(3, 9, "second paragraph"),
    cue(4, 11, "last"),
  ];
  const whole = async () => {
    const transcript = open();
    await transcript.add(cues);
    await transcript.close();
    return { vtt: text("vtt"), srt: text("srt"), txt: text("txt") };
  };

  it("has all whole cues and no half one, wherever its writer was killed", async () => {
    const complete = await whole();
    await fc.assert(
      fc.asyncProperty(
        fc.record({ vtt: fc.nat(), srt: fc.nat(), txt: fc.nat(), zeros: fc.nat({ max: 3 }) }),
        async ({ zeros, ...cuts }) => {
          const sizes = { vtt: 0, srt: 0, txt: 0 };
          for (const format of ["vtt", "srt", "txt"] as const) {
            const bytes = Buffer.from(complete[format]);
            sizes[format] = cuts[format] % (bytes.length + 1);
            writeFileSync(file(format), Buffer.concat([bytes.subarray(0, sizes[format]), Buffer.alloc(zeros)]));
          }
          const survivors = readWholeVtt(Buffer.from(complete.vtt).subarray(0, sizes.vtt)).cues.length;
          const again = open();
          await again.add(cues.slice(survivors).length > 0 ? cues.slice(survivors) : [cue(5, 13, "more")]);
          await again.close();
          if (survivors < cues.length)
            expect({ vtt: text("vtt"), srt: text("srt"), txt: text("txt") }).toEqual(complete);
          else expect(text("txt")).toBe(`${complete.txt.trimEnd()} more\n`);
          expect(said).toEqual([]);
        },
      ),
      { numRuns: runs(40, 400) },
    );
  });

  it("goes on where it ended if the times begin again", async () => {
    const complete = await whole();
    const again = open();
    await again.add([cue(9, 0.5, "after a restart")]);
    await again.close();
    expect(text("vtt")).toBe(`${complete.vtt}5\n00:00:12.500 --> 00:00:14.000\nafter a restart\n\n`);
  });

  it("has nothing twice, and all later times right, if the service was restarted within the session", async () => {
    await whole();
    const again = open({ sessionStart: -100 });
    await again.add([cue(1, -89, "last"), cue(2, -88.2, "heard again, a bit more")]);
    await again.add([cue(3, 2, "later")]);
    await again.close();
    const third = open({ sessionStart: -200 });
    await third.add([cue(1, -98, "later"), cue(2, 100, "at the end")]);
    await third.close();
    const all = readWholeVtt(Buffer.from(text("vtt"))).cues;
    expect(all.slice(3).map(({ start, lines }) => [start, lines[0]])).toEqual([
      [11, "last"],
      [12.5, "heard again, a bit more"],
      [102, "later"],
      [300, "at the end"],
    ]);
  });

  it("waits for itself if it is being closed", async () => {
    const blocked = join(dir, "folder");
    writeFileSync(blocked, "");
    const options = { dir: blocked, retryMs: 10 };
    const first = open(options);
    await first.add([cue(1, 0, "one")]);
    const closed = first.close();
    const second = open(options);
    const added = second.add([cue(2, 2, "two")]);
    rmSync(blocked);
    await Promise.all([closed, added]);
    await second.close();
    expect(readFileSync(join(blocked, `${sessionId}-en.txt`), "utf8")).toContain("one two");
  });

  it("is begun anew over a file that is none", async () => {
    writeFileSync(file("vtt"), "something else\n\nentirely");
    const complete = await whole();
    expect(complete.vtt.startsWith("WEBVTT\n\n1\n")).toBe(true);
  });
});

describe("a transcript that cannot be written", () => {
  it("says so once, keeps its cues, and writes them when it can", async () => {
    const blocked = join(dir, "folder");
    writeFileSync(blocked, "");
    const transcript = openTranscript({ dir: blocked, language: "en", sessionId, say: (line) => said.push(line) });
    await transcript.add([cue(1, 0, "one")]);
    await transcript.add([cue(2, 2, "two")]);
    expect(said).toEqual([
      expect.stringMatching(/^the transcript of en cannot be written in .*folder \(.+\); its cues wait/),
    ]);
    rmSync(blocked);
    await transcript.add([cue(3, 4, "three")]);
    await transcript.close();
    expect(readFileSync(join(blocked, `${sessionId}-en.txt`), "utf8")).toBe("[00:00:00] one two three\n");
    expect(said.slice(1)).toEqual(["the transcript of en is written again"]);
  });

  it("is tried again for a while after its end, and then what is lost is said", async () => {
    const blocked = join(dir, "folder");
    writeFileSync(blocked, "");
    const stopping = new AbortController();
    const close = async (signal?: AbortSignal) => {
      const transcript = open({ dir: blocked, retryMs: 10, closesWithinMs: 50 });
      await transcript.add([cue(1, 0, "one"), cue(2, 2, "two")]);
      await transcript.close(signal);
    };
    await close();
    expect(said[1]).toMatch(/^the transcript of en in .*folder lacks its last 2 cues: they could not be written \(/);
    stopping.abort();
    await close(stopping.signal);
    expect(said.filter((line) => line.includes("lacks its last 2 cues"))).toHaveLength(2);
  });

  const onDisk = needs(mayMount, "root → sudo npm test");
  it("survives a full disk: whole cues meanwhile, and all of them once there is room", onDisk, async () => {
    const program = join(import.meta.dirname, "../../../checks/lib/captions/write-transcript-program.ts");
    const { code, stdout } = await onSmallDisk(dir, 64, `exec ${[...runTypeScript, program].join(" ")} "$disk"`);
    expect(code).toBe(0);
    const { saidWhenFull, saidAfterwards, halfCues, cuesWhenFull, numbers } = JSON.parse(stdout);
    expect(saidWhenFull).toEqual([
      expect.stringMatching(/cannot be written in .*\(ENOSPC: no space left on the disk\)/),
    ]);
    expect(halfCues).toBe(0);
    expect(cuesWhenFull).toBeGreaterThanOrEqual(3);
    expect(cuesWhenFull).toBeLessThan(403);
    expect(saidAfterwards).toEqual(["the transcript of en is written again"]);
    const all = Array.from({ length: 404 }, (_, at) => at);
    expect(numbers).toEqual([all, all, all]);
  });

  it("follows no link", async () => {
    const secret = join(root, "secret");
    writeFileSync(secret, "untouched");
    symlinkSync(secret, file("vtt"));
    const transcript = open({ closesWithinMs: 0 });
    await transcript.add([cue(1, 0, "one")]);
    await transcript.close();
    expect(readFileSync(secret, "utf8")).toBe("untouched");
    expect(said).toHaveLength(2);
  });

  it("never rejects, whatever its language and session are called", async () => {
    const transcript = open({ language: "../../etc", sessionId: "x", closesWithinMs: 0 });
    await transcript.add([cue(1, 0, "one")]);
    await transcript.close();
    expect(said).toHaveLength(2);
  });
});
