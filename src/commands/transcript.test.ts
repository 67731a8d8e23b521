import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { writeTestHost } from "../../checks/lib/process/installed-host.ts";
import { runLectern } from "../../checks/lib/process/run-verb.ts";
import { ExitCode } from "../lib/errors.ts";
import { openTranscript } from "../services/captions/transcript.ts";

const root = mkdtempSync(join(tmpdir(), "lectern-transcript-command-"));
afterAll(() => rmSync(root, { recursive: true }));

const several = join(root, "several");
const single = join(root, "single");
const first = "20261130T084752Z";
const second = "20261201T090000Z";

async function write(dir: string, sessionId: string, language: string, ...words: string[]): Promise<void> {
  const transcript = openTranscript({ dir, sessionId, language, say: (line) => expect(line).toBe("") });
  for (const [at, text] of words.entries())
    await transcript.add([{ id: `${at}`, start: at * 4, end: at * 4 + 2, lines: [text] }]);
  await transcript.close();
}

beforeAll(async () => {
  await write(several, first, "en", "good morning", "everyone");
  await write(several, second, "en", "hello again");
  await write(several, second, "fr", "bonjour");
  await write(single, first, "en", "good morning", "a < b");
  // None of these is a transcript.
  mkdirSync(join(several, "20270101T000000Z-en.vtt"));
  symlinkSync("/etc/passwd", join(several, "20270102T000000Z-en.vtt"));
  for (const name of ["20279999T000000Z-en.vtt", "20270103T000000Z-..vtt", "20270103T000000Z-en.vtt.new", "notes.txt"])
    writeFileSync(join(several, name), "WEBVTT\n\n");
});

const run = (...words: string[]) => runLectern(["transcript", ...words]);

describe("lectern transcript", () => {
  it("prints the only transcript as text with times", async () => {
    expect(await run("--dir", single)).toEqual({
      code: ExitCode.done,
      stdout: "[00:00:00] good morning\n[00:00:04] a < b\n",
      stderr: "",
    });
  });

  it.each([
    [
      "vtt",
      "WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\ngood morning\n\n2\n00:00:04.000 --> 00:00:06.000\na &lt; b\n\n",
    ],
    ["srt", "1\n00:00:00,000 --> 00:00:02,000\ngood morning\n\n2\n00:00:04,000 --> 00:00:06,000\na < b\n\n"],
  ])("prints it as %s", async (format, text) => {
    expect((await run("--dir", single, "--format", format)).stdout).toBe(text);
  });

  it("prints its cues as JSON", async () => {
    expect(JSON.parse((await run("--dir", single, "--json")).stdout)).toEqual({
      session: first,
      language: "en",
      startedAt: "2026-11-30T08:47:52.000Z",
      cues: [
        { start: 0, end: 2, text: "good morning" },
        { start: 4, end: 6, text: "a < b" },
      ],
    });
  });

  it("lists several sessions, the newest first, and nothing that is no transcript", async () => {
    const { code, stdout } = await run("--dir", several);
    expect(code).toBe(ExitCode.done);
    expect(stdout).toBe(
      [
        "session           language  started (UTC)        kB",
        "20261201T090000Z  en        2026-12-01 09:00:00  1",
        "20261201T090000Z  fr        2026-12-01 09:00:00  1",
        "20261130T084752Z  en        2026-11-30 08:47:52  1",
        "",
      ].join("\n"),
    );
    const { transcripts } = JSON.parse((await run("--dir", several, "--json")).stdout);
    expect(
      transcripts.map(({ session, language }: { session: string; language: string }) => `${session} ${language}`),
    ).toEqual([`${second} en`, `${second} fr`, `${first} en`]);
  });

  it.each([
    [["--session", first], "[00:00:00] good morning\n[00:00:04] everyone\n"],
    [["--session", "latest", "--language", "fr"], "[00:00:00] bonjour\n"],
    [["--language", "fr"], "[00:00:00] bonjour\n"],
  ])("prints the one that %j names", async (words, text) => {
    expect((await run("--dir", several, ...words)).stdout).toBe(text);
  });

  it.each([
    [
      "several languages",
      ["--session", "latest"],
      ExitCode.usage,
      /several languages: en, fr\n {2}→ name one: --language en/,
    ],
    [
      "a language that nobody spoke",
      ["--language", "de"],
      ExitCode.usage,
      /no transcript in "de"\n {2}→ its languages are: en, fr/,
    ],
    [
      "another session",
      ["--session", "../x"],
      ExitCode.usage,
      /no transcript of session "\.\.\/x"\n {2}→ its newest sessions are: 20261201/,
    ],
    ["another format", ["--format", "pdf"], ExitCode.usage, /--format pdf: expected vtt, srt or txt/],
  ])("refuses %s", async (_, words, code, message) => {
    await expect(run("--dir", several, ...words)).resolves.toMatchObject({
      code,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });

  it.each([
    ["no place", [], ExitCode.usage, /missing: a stage of this host/],
    ["two places", ["main", "--dir", root], ExitCode.usage, /exclude each other/],
    ["a folder without transcripts", ["--dir", root], ExitCode.failed, /has no transcript yet\n {2}→ .* first caption/],
    ["a folder that is not there", ["--dir", join(root, "none")], ExitCode.failed, /has no transcript yet/],
    ["a file", ["--dir", import.meta.filename], ExitCode.failed, /cannot be read \(.+\)\n {2}→ it takes a folder/],
  ])("refuses %s", async (_, words, code, message) => {
    await expect(run(...words)).resolves.toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
  });

  it("prints a transcript that is being written, up to its last whole cue", async () => {
    const dir = join(root, "growing");
    mkdirSync(dir);
    const file = (format: string) => join(dir, `${first}-en.${format}`);
    writeFileSync(
      file("vtt"),
      "WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\none\n\n2\n00:00:02.000 --> 00:00:04.000\ntw",
    );
    writeFileSync(file("srt"), "1\n00:00:00,000 --> 00:00:02,000\none\n\n2\n00:00:02,000 --> 00:00:04,000\ntw");
    writeFileSync(file("txt"), "[00:00:00] one tw");
    expect((await run("--dir", dir, "--format", "vtt")).stdout).toBe(
      "WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\none\n\n",
    );
    expect((await run("--dir", dir, "--format", "srt")).stdout).toBe("1\n00:00:00,000 --> 00:00:02,000\none\n\n");
    expect((await run("--dir", dir)).stdout).toBe("[00:00:00] one tw\n");
    rmSync(file("srt"));
    await expect(run("--dir", dir, "--format", "srt")).resolves.toMatchObject({
      code: ExitCode.failed,
      stderr: expect.stringMatching(/cannot be read as srt/),
    });
  });
});

describe("lectern transcript on a host", () => {
  it("finds the stage's folder, and says if there is no such stage, or none with captions", async () => {
    const folder = mkdtempSync(join(root, "host-"));
    const host = writeTestHost(folder, { stage: {}, transcriptsDir: single, secrets: {} });
    vi.stubEnv("LECTERN_STAGES", host.file);
    expect((await run("main")).stdout).toContain("good morning");
    const other = await run("second");
    expect(other.code).toBe(ExitCode.failed);
    expect(other.stderr).toMatch(/stage "second" has no captions.*\n {2}→ declare captions.tracks/);
    const none = await run("third");
    expect(none.code).toBe(ExitCode.usage);
    expect(none.stderr).toMatch(/no stage "third"/);
    vi.unstubAllEnvs();
  });
});
