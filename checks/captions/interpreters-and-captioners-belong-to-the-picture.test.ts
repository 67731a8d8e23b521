import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { interpreterKeyName } from "../../codegen/schema/core/secret-ref.ts";
import { endProcess } from "../../src/lib/child-process.ts";
import { freePort } from "../../src/lib/free-port.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { parseRtmpUrl } from "../../src/media/rtmp/rtmp-target.ts";
import { type Gate, startGate } from "../../src/services/gate/gate.ts";
import { parseMedia } from "../../src/viewer/playlist.ts";
import { hearBeeps } from "../lib/captions/beep-engine.ts";
import { beepEverySeconds, makeBeepFilm } from "../lib/captions/beep-film.ts";
import { type CaptionedStage, startCaptionedStage } from "../lib/captions/captioned-stage.ts";
import { type FakeSpeechServer, startFakeSpeechServer } from "../lib/captions/fake-speech-server.ts";
import { streamCues } from "../lib/captions/stream-cues.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { needs } from "../lib/needs.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";

const hasApertium = spawnSync("apertium", ["-l"], { encoding: "utf8" }).stdout?.includes("eng-spa") ?? false;
const needsApertium = needs(hasApertium, "apertium → apt-get install apertium apertium-eng-spa");
const stageFile = "checks/lib/stages/interpreted-stage.yaml";
const patience = { timeout: 60_000, interval: 100 };
let folder: string;
let speech: FakeSpeechServer;
let stage: CaptionedStage;
let gate: Gate;
let address: string;
const lines: string[] = [];
const children: ChildProcess[] = [];
const ports = { push: 0, inputs: 0 };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-interpreted-"));
  speech = await startFakeSpeechServer();
  hearBeeps(speech, "house");
  const translator = join(folder, "translate");
  writeFileSync(translator, '#!/bin/sh\nwhile read -r line; do printf "%s\\n" "$line" | apertium -u eng-spa; done\n', {
    mode: 0o755,
  });
  [ports.push, ports.inputs] = [await freePort(), await freePort()];
  stage = await startCaptionedStage({
    stageFile,
    options: ({ secretsDir }) => [
      ...["--speech", `en=${speech.address}`, "--speech", `fr=${speech.address}`, "--secrets", secretsDir],
      ...["--translate", `es=command:${translator}`],
      ...["--listen", `127.0.0.1:${ports.push}`, "--inputs", `127.0.0.1:${ports.inputs}`],
    ],
  });
  const { rtmpUrl, owncastUrl, secretsDir } = stage.stand;
  const { host, port } = parseRtmpUrl(rtmpUrl);
  gate = await startGate({
    ...{ listen: "127.0.0.1:0", owncast: `${host}:${port}`, owncastUrl, seedFile: stageFile, secrets: secretsDir },
    ...{ captions: `127.0.0.1:${ports.inputs}`, say: (line) => void lines.push(line) },
  });
  address = `rtmp://127.0.0.1:${await gate.listening}/live`;
});
afterAll(async () => {
  for (const child of children) await endProcess(child);
  await gate?.stop();
  await stage?.stop();
  await speech?.close();
  rmSync(folder, { recursive: true, force: true });
});

const secretIn = (secret: string): string => readFileSync(join(stage.stand.secretsDir, secret), "utf8").trim();
const keyOf = (secret: string): string => encodeURIComponent(secretIn(secret));
const started = <Child extends ChildProcess>(child: Child): Child => {
  children.push(child);
  return child;
};
const cuesOf = (language: string) => streamCues(stage.files(language).map(({ text }) => text));
const interpreter = () => gate.status().interpreters.fr;

test.runIf(isExhaustive)(
  "an interpreter's words stand beside the picture of the moment at which they were said",
  async () => {
    const film = await makeBeepFilm(folder, 30);
    const [camera, french] = [stage.stand.seed.access.streamKeys[0]?.secret ?? "", interpreterKeyName("fr")];
    // One program sends the same packets at the same moments with both keys: the offset is known to be none.
    const outputs = [camera, french].flatMap((secret) => [
      "-map",
      "0",
      "-c",
      "copy",
      "-f",
      "flv",
      `${address}/${keyOf(secret)}`,
    ]);
    const input = ["-re", "-stream_loop", "-1", "-i", film];
    started(spawn(findProgram("ffmpeg"), ["-v", "error", ...input, ...outputs], { stdio: "ignore" }));
    const apart = () => {
      const own = cuesOf("en").map(({ start }) => start);
      return cuesOf("fr").map(({ start }) =>
        own.map((other) => start - other).reduce((best, one) => (Math.abs(one) < Math.abs(best) ? one : best), 9),
      );
    };
    // Ffmpeg's dates can be put right only once it has caught up with the camera, which takes long on a busy machine.
    const worst = () => (apart().length < 5 ? 9 : Math.max(...apart().slice(-3).map(Math.abs)));
    await expect.poll(worst, { ...patience, timeout: 150_000 }).toBeLessThan(0.3);
    const shown = apart().map((seconds) => `${Math.round(seconds * 1000)} ms`);
    process.stdout.write(`an interpreter's words after the stage's own of the same moment: ${shown.join(", ")}\n`);
    expect(interpreter()?.publisher?.sound).toMatchObject({ sampleRate: 48_000, flowing: true });
    expect(gate.status().inputs.main?.publisher?.key).toBe(camera);
  },
  200_000,
);

describe.runIf(isExhaustive)("a translation", needsApertium, () => {
  test("stands beside a picture soon after the words that it translates", async () => {
    await expect.poll(() => cuesOf("es").length, patience).toBeGreaterThanOrEqual(2);
    const own = cuesOf("en").map(({ start }) => start);
    for (const { text, start } of cuesOf("es")) {
      expect(text.toLowerCase()).toBe("casa");
      const afterSeconds = Math.min(...own.map((other) => start - other).filter((apart) => apart > -0.01));
      process.stdout.write(`a translation is shown ${afterSeconds.toFixed(1)} s after the words it translates\n`);
      expect(afterSeconds).toBeLessThan(beepEverySeconds);
    }
  });
});

test.runIf(isExhaustive)(
  "a captioner's line stands beside the picture of the moment at which it was sent",
  async () => {
    const token = join(stage.stand.secretsDir, "captions-token-de");
    const where = ["--url", `http://127.0.0.1:${ports.push}`, "--language", "de", "--token-file", token];
    const [program = "", ...args] = lecternCommand("captioner", ...where);
    const captioner: ChildProcessWithoutNullStreams = started(spawn(program, args));
    let printed = "";
    for (const stream of [captioner.stdout, captioner.stderr])
      stream.on("data", (text) => {
        printed += text;
      });
    await expect.poll(() => printed, patience).toContain("the stage is on air");
    const sentMs: number[] = [];
    for (const line of [0, 1, 2]) {
      sentMs.push(Date.now());
      captioner.stdin.write(`Zeile ${line} ist da.\n`);
      await expect.poll(() => printed, patience).toContain(`✓ Zeile ${line} ist da.`);
      await sleep(3000);
    }
    const madeAt = new Map<string, number>();
    const fileWith = (text: string) => {
      for (const { uri, madeAtMs, durationSeconds } of parseMedia(lastPlaylist).segments) {
        if (madeAtMs === undefined) continue;
        madeAt.set(uri.replace(/^.*\/|\.ts$/g, ""), madeAtMs);
        aheadMs = Math.max(aheadMs, madeAtMs + durationSeconds * 1000 - Date.now());
      }
      return stage
        .files("de")
        .find((file) => file.text.includes(text))
        ?.name.replace(".vtt", "");
    };
    let lastPlaylist = "";
    // Segments are listed before their dates say that they were made: so much too late they are, at the least.
    let aheadMs = 0;
    for (const [line, ms] of sentMs.entries()) {
      const inFile = async () => {
        lastPlaylist = await stage.playlist("0/stream.m3u8");
        return madeAt.get(fileWith(`Zeile ${line} ist da.`) ?? "");
      };
      await expect.poll(inFile, patience).toBeDefined();
      const afterMs = ((await inFile()) ?? 0) - aheadMs - ms;
      process.stdout.write(`line ${line} is in the segment that begins ${Math.round(afterMs)} ms after it was sent\n`);
      // The earliest segment that was not committed: it holds the moment, or is the next one.
      expect(afterMs).toBeGreaterThan(-1500);
      expect(afterMs).toBeLessThan(3000);
    }
    captioner.stdin.end();
  },
);

test.runIf(isExhaustive)(
  "the camera plays on while the captions service is killed, and an interpreter's captions come back with it",
  async () => {
    const before = gate.status().inputs.main?.publisher?.sinceSeconds ?? 0;
    stage.captions().kill();
    await expect.poll(() => interpreter()?.publisher?.sound.flowing, patience).toBe(false);
    const count = cuesOf("fr").length;
    stage.restart();
    await expect.poll(() => interpreter()?.publisher?.sound.flowing, patience).toBe(true);
    await expect.poll(() => cuesOf("fr").length, patience).toBeGreaterThan(count);
    const camera = gate.status().inputs.main?.publisher;
    expect(camera?.sinceSeconds).toBeGreaterThan(before);
    expect(camera?.silentSeconds).toBeLessThan(5);
    for (const secret of ["captions-token-de", "interpreter-key-fr"])
      expect(lines.join("\n") + stage.captions().output()).not.toContain(secretIn(secret));
  },
);
