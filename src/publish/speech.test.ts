import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { needsVoice } from "../../checks/lib/needs-voice.ts";
import { testCamera, testStreamKey } from "../../checks/lib/stream/camera-at-ingest.ts";
import { startIngest, type TestIngest } from "../../checks/lib/stream/rtmp-ingest.ts";
import { freePort } from "../lib/free-port.ts";
import { findProgram } from "../lib/programs.ts";
import { startPublisher } from "./publisher.ts";
import { type PlacedSentence, pauseSeconds, readSpeech, type Speaker, speakInto, speechFormat } from "./speech.ts";
import type { SpokenSentence } from "./spoken-times.ts";

const bytesPerSecond = 2 * speechFormat.sampleRate;

let folder = "";
let server: TestIngest | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lectern-speech-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => server?.close());

async function fileOf(text: string | Uint8Array): Promise<string> {
  const file = join(folder, "talk.txt");
  await writeFile(file, text);
  return file;
}

/** A program in the voice's place. */
async function voiceThat(script: string): Promise<string> {
  const file = join(folder, "voice");
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o700);
  return file;
}

/** How loud a piece of sound is: the mean of its samples' size. */
function loudness(pcm: Buffer, fromSeconds: number, untilSeconds: number): number {
  let sum = 0;
  let count = 0;
  const at = (seconds: number) => 2 * Math.round(seconds * speechFormat.sampleRate);
  for (let offset = at(fromSeconds); offset + 2 <= Math.min(pcm.length, at(untilSeconds)); offset += 2) {
    sum += Math.abs(pcm.readInt16LE(offset));
    count += 1;
  }
  return count === 0 ? Number.NaN : sum / count;
}

describe("a text to speak", () => {
  it.each<[string, () => Promise<string>, string]>([
    ["that is not there", async () => join(folder, "none.txt"), "none.txt: it cannot be read (no such file"],
    ["that is a folder", async () => folder, "cannot be read"],
    ["that is too large", () => fileOf("One. ".repeat(20_000)), "at most 65536 bytes"],
    ["that is no text", () => fileOf(Buffer.from([0x4f, 0x6b, 0x0a, 0x00])), "talk.txt:2:1: U+0000"],
    ["without words", () => fileOf("...\n"), "talk.txt:1:1: there are no words"],
  ])("%s is refused with its place", async (_, make, says) => {
    await expect(readSpeech(await make(), true)).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining(says),
      remedy: expect.stringContaining("plain text"),
    });
  });
});

describe("a voice that fails", () => {
  const speak = async (script: string, speaker: Speaker = "rms") => {
    const sink = new PassThrough();
    sink.resume();
    const speech = { sentences: ["Hello there."], loop: true, voice: await voiceThat(script), speaker };
    await speakInto(sink, speech, { signal: AbortSignal.timeout(20_000), onPlaced: () => {} });
  };
  it.each([
    ["exits with an error", "exit 3", "exit 3"],
    ["is killed", "kill -KILL $$", "SIGKILL"],
    ["writes nothing", "exit 0", "not a WAV"],
    ["writes garbage", "echo garbage of more than twelve bytes", "not a WAV"],
    ["writes too much", "head -c 20000000 /dev/zero", "20000000 bytes"],
  ])("and %s is reported with the sentence", async (_, script, says) => {
    await expect(speak(script)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(new RegExp(`"Hello there\\.": .*${says}`)),
    });
  });

  it.each(["rms", "slt"] as const)("is the one that was asked for: %s", async (speaker) => {
    const script = `[ "$1 $2" = "-voice ${speaker}" ] && exit 4; exit 5`;
    await expect(speak(script, speaker)).rejects.toMatchObject({
      message: expect.stringContaining("exit 4"),
      remedy: expect.stringContaining(`flite -voice ${speaker}`),
    });
  });

  it("ends the camera", async () => {
    server = await startIngest();
    const speech = { sentences: ["Hello."], loop: true, voice: await voiceThat("exit 3"), speaker: "rms" as const };
    await expect(startPublisher(testCamera(server.port, { speech })).finished).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("the voice (flite)"),
    });
  });
});

describe("a camera that speaks", needsVoice, () => {
  it("places each sentence where its sound is, with a pause behind it", async () => {
    const sink = new PassThrough();
    const placed: PlacedSentence[] = [];
    const speech = await readSpeech(await fileOf("One. Two words!\n\n`rm -rf $HOME`; three."), false);
    const sound = buffer(sink);
    await speakInto(sink, speech, { signal: AbortSignal.timeout(60_000), onPlaced: (one) => placed.push(one) });
    const pcm = await sound;
    expect(placed.map(({ text }) => text)).toEqual(["One.", "Two words!", "`rm -rf $HOME`; three."]);
    for (const [index, { startSeconds, endSeconds }] of placed.entries()) {
      const pauseEnds = placed[index + 1]?.startSeconds ?? pcm.length / bytesPerSecond;
      expect(pauseEnds - endSeconds).toBeCloseTo(pauseSeconds);
      expect(loudness(pcm, startSeconds, endSeconds)).toBeGreaterThan(100);
      expect(loudness(pcm, endSeconds, pauseEnds)).toBe(0);
    }
  });

  it("starts again after its last sentence, and ends when nobody listens", async () => {
    const sink = new PassThrough();
    const placed: string[] = [];
    const speech = await readSpeech(await fileOf("One. Two."), true);
    const onPlaced = ({ text }: PlacedSentence) => {
      placed.push(text);
      if (placed.length === 5) sink.destroy();
    };
    sink.resume();
    await speakInto(sink, speech, { signal: AbortSignal.timeout(60_000), onPlaced });
    expect(placed).toEqual(["One.", "Two.", "One.", "Two.", "One."]);
  });

  it("sends its sentences once, at the times that it reports", async () => {
    const port = await freePort();
    const input = ["-listen", "1", "-i", `rtmp://127.0.0.1:${port}/live/${testStreamKey}`];
    const sound = ["-vn", "-ac", "1", "-ar", `${speechFormat.sampleRate}`, "-f", "s16le", "pipe:1"];
    const receiver = spawn(findProgram("ffmpeg"), ["-hide_banner", "-loglevel", "error", ...input, ...sound], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const received = buffer(receiver.stdout);
    const spoken: SpokenSentence[] = [];
    const speech = await readSpeech(await fileOf("Hello. Good bye."), false);
    const camera = testCamera(port, { speech, onSpoken: (sentence) => spoken.push(sentence) });
    const publish = async () => {
      const startedMs = Date.now();
      const stats = await startPublisher(camera).finished;
      return { startedMs, stats };
    };
    let result: Awaited<ReturnType<typeof publish>> | undefined;
    // Until the receiver listens.
    for (let tries = 0; !result && tries < 200; tries++) {
      result = await publish().catch(() => undefined);
      if (!result) await sleep(50);
    }
    const pcm = await received;
    expect(spoken.map(({ text }) => text)).toEqual(["Hello.", "Good bye."]);
    const [hello, bye] = spoken as [SpokenSentence, SpokenSentence];
    expect(hello.startMs).toBeGreaterThanOrEqual(result?.startedMs ?? Infinity);
    const seconds = (timeMs: number) => (timeMs - hello.startMs) / 1000;
    expect(pcm.length / bytesPerSecond).toBeGreaterThan(seconds(bye.endMs));
    expect(pcm.length / bytesPerSecond).toBeLessThan(seconds(bye.endMs) + 2 * pauseSeconds);
    // AAC smears a little over its frames.
    expect(loudness(pcm, seconds(hello.endMs) + 0.1, seconds(bye.startMs) - 0.1)).toBeLessThan(20);
    for (const { startMs, endMs } of spoken)
      expect(loudness(pcm, seconds(startMs), seconds(endMs))).toBeGreaterThan(100);
  });
});
