import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { findProgram } from "../../lib/programs.ts";
import { encodeFlv, FlvReader, type FlvTag, flvType } from "../../media/flv.ts";
import { peakDbfs, SoundMeter } from "./sound-meter.ts";

const ffmpeg = findProgram("ffmpeg");
/** AAC, made by the real ffmpeg. */
async function record(source: string, seconds: number): Promise<FlvTag[]> {
  const input = ["-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", source, "-t", `${seconds}`];
  const child = spawn(ffmpeg, [...input, "-c:a", "aac", "-b:a", "128k", "-f", "flv", "pipe:1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [bytes] = await Promise.all([buffer(child.stdout), once(child, "exit")]);
  return new FlvReader().push(bytes).filter(({ type }) => type === flvType.audio);
}

let tone: FlvTag[];
let silence: FlvTag[];
beforeAll(async () => {
  tone = await record("sine=frequency=440:sample_rate=48000,volume=12dB", 8);
  silence = await record("anullsrc=sample_rate=48000", 8);
});

const options = { ffmpeg, timeoutMs: 20_000 };

describe("the loudest moment", () => {
  it("of a tone at half of full scale is at -6 dBFS", async () => {
    const dbfs = await peakDbfs(encodeFlv(tone), options);
    expect(Math.abs((dbfs ?? 0) + 6)).toBeLessThan(2);
  });

  it("of digital silence is at -Infinity dBFS", async () =>
    expect(await peakDbfs(encodeFlv(silence), options)).toBe(Number.NEGATIVE_INFINITY));

  it.each([
    ["garbage", () => peakDbfs(Buffer.alloc(5000, 7), options)],
    ["nothing", () => peakDbfs(Buffer.alloc(0), options)],
    ["a stream without an installed decoder", () => peakDbfs(encodeFlv(tone), { ...options, ffmpeg: "/no/ffmpeg" })],
    [
      "a stream with a decoder path that leads through a file",
      () => peakDbfs(encodeFlv(tone), { ...options, ffmpeg: "/etc/passwd/ffmpeg" }),
    ],
    ["a stream whose decoder takes too long", () => peakDbfs(encodeFlv(tone), { ...options, timeoutMs: 1 })],
  ])("of %s is not measured", async (_, measured) => expect(await measured()).toBeUndefined());
});

/** A meter that hears these tags at their times. */
async function hear(tags: readonly FlvTag[], decoder: string | null = ffmpeg): Promise<SoundMeter> {
  let nowMs = 0;
  const meter = new SoundMeter({
    ffmpeg: decoder ?? undefined,
    now: () => nowMs,
    signal: new AbortController().signal,
  });
  for (const tag of tags) {
    nowMs = tag.timestampMs;
    meter.take(tag);
    while (meter.isMeasuring) await sleep(5);
  }
  return meter;
}

it("the system stops or slows the decoder first if memory or processors run short", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-peak-"));
  const program = join(folder, "ffmpeg");
  const shows = "sleep 0.5; cat /proc/$$/oom_score_adj; cut -d ' ' -f 19 /proc/$$/stat";
  writeFileSync(program, `#!/bin/sh\n{ ${shows}; } >"${folder}/shown"\n`, { mode: 0o755 });
  await peakDbfs(encodeFlv(tone), { ...options, ffmpeg: program });
  expect(readFileSync(join(folder, "shown"), "utf8")).toBe("1000\n19\n");
  rmSync(folder, { recursive: true });
});

describe("the gate's meter", () => {
  it("measures how loud a stream is, and judges it after three samples", async () => {
    const meter = await hear(tone);
    expect(Math.abs((meter.levelDbfs ?? 0) + 6)).toBeLessThan(2);
    expect(meter.loudestDbfs).toBe(Math.max(meter.levelDbfs ?? 0, meter.loudestDbfs ?? 0));
    expect((await hear(silence)).loudestDbfs).toBe(Number.NEGATIVE_INFINITY);
    expect((await hear(silence.slice(0, 100))).loudestDbfs).toBeUndefined();
  });

  it("measures nothing without ffmpeg, and gives up on sound that it cannot decode", async () => {
    expect((await hear(tone, null)).levelDbfs).toBeUndefined();
    expect((await hear(tone, "/no/ffmpeg")).levelDbfs).toBeUndefined();
    expect((await hear(tone, "/etc/passwd/ffmpeg")).levelDbfs).toBeUndefined();
  });

  it("survives if the process has no file descriptor left", async () => {
    const program = `
      import { openSync } from "node:fs";
      import { SoundMeter } from "./src/services/gate/sound-meter.ts";
      const signal = new AbortController().signal;
      const meter = new SoundMeter({ ffmpeg: "/bin/true", now: () => 0, signal });
      try { for (;;) openSync("/dev/null"); } catch {}
      const take = (timestampMs, ...bytes) => meter.take({ type: 8, timestampMs, data: Buffer.from(bytes) });
      take(0, 0xaf, 0, 0x11, 0x90);
      take(0, 0xaf, 1, 1);
      take(2000, 0xaf, 1, 1);
      const began = meter.isMeasuring;
      setTimeout(() => console.log(began, meter.isMeasuring, meter.levelDbfs), 200);`;
    const run = `ulimit -n 64; exec "$0" --import tsx --input-type=module -e "$1"`;
    const child = spawn("/bin/sh", ["-c", run, process.execPath, program], { stdio: ["ignore", "pipe", "inherit"] });
    expect((await buffer(child.stdout)).toString()).toBe("true false undefined\n");
  });
});
