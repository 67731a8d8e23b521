import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { runningEncoders, testCamera, testStreamKey } from "../../checks/lib/stream/camera-at-ingest.ts";
import { startIngest, type TestIngest } from "../../checks/lib/stream/rtmp-ingest.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { freePort } from "../lib/free-port.ts";
import { findProgram } from "../lib/programs.ts";
import { decodeSegment } from "../media/decode-segment.ts";
import { startPublisher } from "./publisher.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const ingest = async (...behaviour: Parameters<typeof startIngest>): Promise<TestIngest> => {
  const server = await startIngest(...behaviour);
  open.push(server);
  return server;
};

/** Tries again while nothing listens yet. */
async function untilListening<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let triesLeft = 200; ; triesLeft--) {
    try {
      return await attempt();
    } catch (error) {
      if (triesLeft === 0 || !(error instanceof CliError) || error.exitCode !== ExitCode.unreachable) throw error;
      await sleep(50);
    }
  }
}

describe("a real receiver", () => {
  it("gets sound, and every frame with the time at which it was sent", async () => {
    const port = await freePort();
    const listening = ["-listen", "1", "-i", `rtmp://127.0.0.1:${port}/live/${testStreamKey}`];
    const receiver = spawn(
      findProgram("ffmpeg"),
      ["-hide_banner", "-loglevel", "error", ...listening, "-c", "copy", "-f", "mpegts", "pipe:1"],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const received = buffer(receiver.stdout);
    const before = Date.now();
    const stats = await untilListening(() => startPublisher(testCamera(port, { durationSeconds: 2 })).finished);
    const { clocksMs, ...decoded } = await decodeSegment(await received);
    expect(decoded).toMatchObject({ width: 320, height: 180, hasAudio: true });
    expect(clocksMs).toHaveLength(stats.frames);
    expect(clocksMs[0]).toBeGreaterThanOrEqual(before);
    expect(clocksMs.at(-1)).toBeLessThanOrEqual(Date.now());
    for (const [index, clockMs] of clocksMs.slice(1).entries()) {
      const step = clockMs! - clocksMs[index]!;
      // Even steps; a whole multiple after skipped frames.
      expect(Math.abs(step - Math.round(step / (1000 / 30)) * (1000 / 30))).toBeLessThanOrEqual(2);
      expect(step).toBeGreaterThan(0);
    }
  });
});

describe("a publisher", () => {
  it("counts as started when frames flow, and ends its stream correctly", async () => {
    const server = await ingest();
    const publisher = startPublisher(testCamera(server.port));
    await publisher.started;
    await sleep(500);
    expect(runningEncoders()).toHaveLength(1);
    await publisher.stop();
    expect(server.pictures()).toBeGreaterThan(3);
    expect(server.commands).toEqual([
      "connect",
      "releaseStream",
      "FCPublish",
      "createStream",
      "publish",
      "FCUnpublish",
      "deleteStream",
    ]);
    expect((await publisher.finished).frames).toBe(server.pictures());
    expect(runningEncoders()).toEqual([]);
  });

  it("gives its key to the server, and to no other process", async () => {
    const server = await ingest();
    const publisher = startPublisher(testCamera(server.port));
    await publisher.started;
    expect(server.streamKeys).toEqual([testStreamKey]);
    const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const told = processes.filter((pid) =>
      ["cmdline", "environ"].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, "utf8").includes(testStreamKey);
        } catch {
          return false;
        }
      }),
    );
    await publisher.stop();
    expect(told).toEqual([]);
  });

  it("stops after its duration", async () => {
    const server = await ingest();
    const { seconds, skippedFrames } = await startPublisher(testCamera(server.port, { durationSeconds: 1 })).finished;
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(skippedFrames).toBe(0);
    expect(server.pictures()).toBeGreaterThan(20);
  });

  it("stops if its signal aborts, even before the server has answered", async () => {
    const server = await ingest({ refuses: "silent" });
    const interrupt = new AbortController();
    const publisher = startPublisher(testCamera(server.port), { signal: interrupt.signal });
    setTimeout(() => interrupt.abort(), 200);
    expect(await publisher.finished).toMatchObject({ frames: 0 });
    await expect(publisher.started).rejects.toMatchObject({ message: expect.stringContaining("stopped before") });
  });

  it("does not start if it is already aborted", async () => {
    const server = await ingest();
    await startPublisher(testCamera(server.port), { signal: AbortSignal.abort() }).finished;
    expect(server.commands).toEqual([]);
  });
});
