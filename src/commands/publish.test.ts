import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { sample } from "../../checks/lib/exhaustive.ts";
import { needsVoice } from "../../checks/lib/needs-voice.ts";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { makeClip } from "../../checks/lib/stream/clip.ts";
import { startIngest, type TestIngest } from "../../checks/lib/stream/rtmp-ingest.ts";
import { verb } from "./publish.ts";

const streamKey = "correct-horse-battery";
let folder = "";
let keyFile = "";
let server: TestIngest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lectern-publish-"));
  keyFile = join(folder, "key");
  await writeFile(keyFile, `${streamKey}\n`, { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => server?.close());

const wordsFor = (flags: readonly string[]) => {
  const place = ["--url", `rtmp://127.0.0.1:${server.port}/live`, "--stream-key-file", keyFile];
  return [...place, "--size", "320x180", ...flags];
};

/** Runs it in the test's process. */
const publishHere = (...flags: string[]) => runVerb(verb, wordsFor(flags));

/** Starts `lectern publish` as a person would. */
function publish(...flags: string[]): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; out: string; said: string }>;
} {
  const args = ["--import", "tsx", "src/main.ts", "publish", ...wordsFor(flags)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
    ([out, said, [code]]) => ({ code, out, said }),
  );
  return { child, ended };
}

async function until(holds: () => boolean): Promise<void> {
  for (const start = Date.now(); !holds() && Date.now() - start < 20_000; ) await sleep(20);
  expect(holds()).toBe(true);
}

const childrenOf = (pid: number | undefined): string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);

describe("lectern publish", () => {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  it.each(sample("signals that end a camera", signals, 1))("ends the stream properly at %s", async (signal) => {
    server = await startIngest();
    const { child, ended } = publish("--json");
    await until(() => server.pictures() > 10);
    const encoders = childrenOf(child.pid);
    // Neither the camera's own command line and environment nor its encoder's hold the key.
    for (const pid of [`${child.pid}`, ...encoders])
      for (const file of ["cmdline", "environ"])
        expect(readFileSync(`/proc/${pid}/${file}`, "utf8")).not.toContain(streamKey);
    child.kill(signal);
    const { code, out, said } = await ended;
    expect(code).toBe(0);
    expect(server.commands.at(-1)).toBe("deleteStream");
    expect(JSON.parse(out)).toMatchObject({ width: 320, height: 180, frames: server.pictures() });
    expect(said).toContain("✓ connected to rtmp://127.0.0.1:");
    expect(out + said).not.toContain(streamKey);
    expect(encoders).toHaveLength(1);
    expect(existsSync(`/proc/${encoders[0]}`)).toBe(false);
  });

  it("leaves no encoder behind when it is killed", async () => {
    server = await startIngest();
    const { child, ended } = publish();
    await until(() => server.pictures() > 10);
    const [encoder] = childrenOf(child.pid);
    expect(encoder).toBeDefined();
    child.kill("SIGKILL");
    await ended;
    await until(() => !existsSync(`/proc/${encoder}`));
  });

  it("exits 1 if the stream is lost and --no-reconnect is given", async () => {
    server = await startIngest({ closesAfter: 15 });
    const { code, said } = await publish("--no-reconnect").ended;
    expect(code).toBe(1);
    expect(said).toMatch(
      /lectern: rtmp:\/\/127\.0\.0\.1:\d+\/live: the stream ended after .*\n {2}→ run `lectern status` on the server.*\n$/,
    );
    expect(said).not.toContain("connect again");
  });

  it("reconnects if the stream is lost, and says so", async () => {
    server = await startIngest({ closesAfter: 15 });
    const { child, ended } = publish("--json");
    // The server accepts one frame from each later connection.
    await until(() => server.pictures() >= 17);
    child.kill("SIGINT");
    const { code, out, said } = await ended;
    expect(code).toBe(0);
    expect(said).toMatch(
      /✗ .*the stream ended after .*\n… attempt 1 to connect again in \d\.\d s\n✓ connected to .* again\n/,
    );
    expect(JSON.parse(out)).toMatchObject({ reconnects: expect.any(Number), frames: expect.any(Number) });
    expect(JSON.parse(out).reconnects).toBeGreaterThan(0);
  });

  it("plays a media file once and ends; a file without sound gets silence", async () => {
    server = await startIngest();
    const file = join(folder, "clip.ts");
    await writeFile(file, await makeClip({ width: 426, height: 240, silent: true, seconds: 2 }));
    const { code, stdout } = await publishHere("--file", file, "--once", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ width: 320, height: 180 });
    // ffmpeg's rate filter may drop or add a frame at the start or end.
    expect(Math.abs(server.pictures() - 60)).toBeLessThanOrEqual(2);
  });

  it("speaks a text, says when, and leaves no voice behind at Ctrl-C", needsVoice, async () => {
    server = await startIngest();
    const file = join(folder, "talk.txt");
    await writeFile(file, "Yes. No.\n");
    const startedMs = Date.now();
    const { child, ended } = publish("--speech", file, "--json");
    await until(() => server.pictures() > 80);
    child.kill("SIGINT");
    const { code, out } = await ended;
    expect(code).toBe(0);
    const { spoken } = JSON.parse(out) as { spoken: { text: string; startMs: number; endMs: number }[] };
    expect(spoken[0]).toEqual({ text: "Yes.", startMs: expect.any(Number), endMs: expect.any(Number) });
    expect(spoken[0]!.startMs).toBeGreaterThan(startedMs);
    expect(spoken[0]!.endMs).toBeLessThan(Date.now());
    expect((await readdir(tmpdir())).filter((name) => name.startsWith("lectern-voice-"))).toEqual([]);
  });

  it("refuses a text that it cannot speak, with its place", async () => {
    server = await startIngest();
    const { code, stderr } = await publishHere("--speech", process.execPath);
    expect({ code, stderr }).toEqual({ code: 65, stderr: expect.stringContaining("at most 65536 bytes") });
    expect(server.commands).toEqual([]);
  });

  it("says what to do without flite", async () => {
    server = await startIngest();
    const file = join(folder, "talk.txt");
    await writeFile(file, "Yes.\n");
    vi.stubEnv("FLITE", "");
    vi.stubEnv("PATH", folder);
    const { code, stderr } = await publishHere("--speech", file);
    vi.unstubAllEnvs();
    expect({ code, stderr }).toEqual({ code: 1, stderr: "flite was not found" });
    expect(server.commands).toEqual([]);
  });

  it.each([
    ["is not there", "none.mp4", "no such file"],
    ["is a folder", ".", "not a file"],
    ["is not a video", "key", "no video"],
  ])("refuses a media file that %s", async (_, name, says) => {
    server = await startIngest();
    const { code, stderr } = await publishHere("--file", join(folder, name));
    expect({ code, stderr }).toEqual({ code: 65, stderr: expect.stringContaining(says) });
    expect(server.commands).toEqual([]);
  });

  it("exits 77 if the server refuses the stream, and does not print the key", async () => {
    server = await startIngest({ refuses: "status" });
    const { code, stdout, stderr } = await publishHere();
    expect(code).toBe(77);
    expect(stdout + stderr).not.toContain(streamKey);
  });

  it.each([
    ["--size", { size: "321x180" }, "even numbers"],
    ["--fps", { fps: "120" }, "from 5 to 60"],
    ["--bitrate", { bitrate: "1M" }, "kbit/s from 100"],
    ["--keyframe-seconds", { keyframeSeconds: "0.5" }, "whole number of seconds"],
    ["--once", { once: true as const }, "expected --file or --speech too"],
    ["--speech", { file: "clip.mp4", speech: "talk.txt" }, "exclude each other"],
    ["--duration", { duration: "0" }, "above 0"],
    ["--url", { url: "rtmp://127.0.0.1/app" }, "expected rtmp://host[:port]/live"],
  ])("refuses a bad %s before anything else", async (_, wrong, says) => {
    const right = {
      ...{ url: "rtmp://127.0.0.1/live", streamKeyFile: "/none", size: "320x180", fps: "30" },
      ...{ keyframeSeconds: "1", reconnect: true },
    };
    await expect(verb.run([], { ...right, ...wrong })).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringContaining(says),
    });
  });
});
