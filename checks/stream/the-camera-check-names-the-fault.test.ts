import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { flvType } from "../../src/media/flv.ts";
import { openIngest } from "../../src/media/rtmp/rtmp-ingest.ts";
import { startPublisher } from "../../src/publish/publisher.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { type LiveHost, startLiveHost } from "../lib/process/live-host.ts";

const small = {
  name: "S",
  width: 320,
  height: 180,
  framerate: 15,
  bitrateKbps: 400,
  audioBitrateKbps: 96,
  cpuUsage: "lowest",
};
const stage = {
  instance: { name: "Checked", pageText: "" },
  video: { latency: "lowest", ladder: [small, { name: "Source", passthrough: true }] },
};
const good = { width: 320, height: 180, fps: 15, bitrateKbps: 300 };

let host: LiveHost;
let camera: ChildProcess | undefined;
beforeAll(async () => {
  host = await startLiveHost(stage, { checksCamera: true });
});
afterEach(async () => {
  camera?.kill("SIGKILL");
  camera = undefined;
  // Wait, so that the gate does not take the next camera for a reconnect.
  await until(() => publisher() === null);
});
afterAll(() => host?.stop());

const input = () => host.gate.status().inputs.main;
const publisher = () => input()?.publisher ?? null;
const findings = () => publisher()?.stream.findings.map(({ id }) => id) ?? [];

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++, await sleep(100)) if (looks > 1200) throw new Error("it does not come about");
}

/** A faulty camera: ffmpeg with these options for video and sound. */
function film(picture: readonly string[], sound = "sine=sample_rate=48000"): void {
  const inputs = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15", "-f", "lavfi", "-i", sound];
  const encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "300k", ...picture];
  const output = ["-c:a", "aac", "-f", "flv", `${host.target.address}/${host.streamKey}`];
  camera = spawn(findProgram("ffmpeg"), ["-hide_banner", "-loglevel", "quiet", ...inputs, ...encoding, ...output]);
}

test("status fails, and names 4:2:2, silence and keyframes far apart, with remedies", async () => {
  film(["-pix_fmt", "yuv422p", "-g", "45"], "anullsrc=sample_rate=48000");
  await until(() => ["videoProfile", "gopSizeLong", "audioSilent"].every((id) => findings().includes(id)));
  const { code, stdout } = await host.lectern("status", "main");
  expect(stdout).toContain("  video: H.264 High 4:2:2, 320x180, 15 frames/s");
  expect(stdout).toMatch(/^ {2}sound: AAC, 48 kHz, (mono|stereo), \d+ kbit\/s; level: silence$/m);
  expect(stdout).toMatch(
    /^ {2}✗ videoProfile: the camera sends H\.264 High 4:2:2 .+\n {4}→ set the encoder's profile to high/m,
  );
  expect(stdout).toMatch(/^ {2}✗ gopSizeLong: .+\n {4}→ set the keyframe interval to 1 s/m);
  expect(stdout).toMatch(/^ {2}! audioSilent: .+digital silence.+\n {4}→ check whether the microphone is muted/m);
  expect(code).toBe(2);
});

test.runIf(isExhaustive)("10 bit is named", async () => {
  film(["-pix_fmt", "yuv420p10le", "-g", "15"]);
  await until(() => findings().includes("videoProfile"));
  expect(publisher()?.stream.facts).toMatchObject({ profileIdc: 110, bitDepth: 10 });
});

test("a camera without sound gets the reason, and status gives it in Lectern's and in Owncast's words", async () => {
  const silent = startPublisher({ target: host.target, streamKey: host.streamKey, ...good, sound: false });
  await expect(silent.finished).rejects.toThrow(
    "the camera sends no sound track: Owncast ends such a stream; add a sound track",
  );
  await until(() => input()?.lastEnd?.reason === "owncast-ended");
  const { code, stdout } = await host.lectern("status", "main");
  expect(stdout).toMatch(
    /✗ the last stream \(key "stream-key" from 127\.0\.0\.1\) ended \d+ s ago, after \d+ s: the camera sends no sound track/,
  );
  expect(stdout).toMatch(/→ add a sound track/);
  expect(stdout).toMatch(/Owncast: .*Unable to map stream at a:0/);
  expect(code).toBe(2);
});

test("the gate ends HEVC by Enhanced RTMP with the reason, and status says so", async () => {
  const { target, streamKey } = host;
  const ingest = await openIngest({ target, streamKey, timeoutSeconds: 20, signal: AbortSignal.timeout(60_000) });
  const setUp = Buffer.concat([Buffer.from([0x90]), Buffer.from("hvc1"), Buffer.alloc(30, 1)]);
  await ingest.send({ type: flvType.video, timestampMs: 0, data: setUp });
  await ingest.lost.catch(() => {});
  expect(ingest.lastWords()).toContain("the camera sends HEVC (H.265): Owncast takes H.264 only; choose H.264");
  await until(() => input()?.lastEnd?.reason === "unsupported-codec");
  const { code, stdout } = await host.lectern("status", "main");
  expect(stdout).toContain("the camera sends HEVC (H.265)");
  expect(code).toBe(2);
});

test("status says that a good stream is good, and watch repeats that until it is told to end", async () => {
  const camera = startPublisher({ target: host.target, streamKey: host.streamKey, ...good });
  await camera.started;
  await until(() => publisher()?.stream.levelDbfs !== undefined);
  const watch = (args: readonly string[], command = lecternCommand()) => {
    const [program = "", ...rest] = [...command, ...args];
    return spawn(program, rest, {
      env: { ...process.env, LECTERN_STAGES: host.file },
      stdio: ["pipe", "pipe", "inherit"],
    });
  };
  const lines = watch(["status", "main", "--watch", "--json"]);
  const unread = watch(["status", "main", "--watch"]);
  // `script` provides a terminal.
  const shell = `exec ${lecternCommand("status", "main", "--watch").join(" ")}`;
  const terminal = watch(["-qefc", shell, "/dev/null"], ["script"]);
  const ends = [lines, unread, terminal].map((child) => once(child, "exit"));
  unread.stdout.once("data", () => unread.stdout.destroy());
  let [said, shown] = ["", ""];
  lines.stdout.setEncoding("utf8").on("data", (part: string) => {
    said += part;
  });
  terminal.stdout.setEncoding("utf8").on("data", (part: string) => {
    shown += part;
  });
  // While Owncast is busy, a state may hold a fault.
  const states = () =>
    said
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line).stages[0]);
  await until(() => states().filter(({ onAir }) => onAir?.state === "live").length > 1);
  lines.kill("SIGINT");
  // It shows the state once, and then overwrites it once.
  await until(() => /\x1b\[\d+A\x1b\[J/.test(shown) && shown.includes("nothing to correct"));
  terminal.stdin?.write("\x03");
  const [[code], [unreadCode]] = (await Promise.all(ends)) as [[number], [number], unknown];
  expect([code, unreadCode]).toEqual([0, 0]);
  expect(states().at(-1)).toMatchObject({ name: "main", address: "https://live.test", camera: expect.anything() });
  expect(states().at(-1).camera.hangUp).toBeUndefined();
  expect(shown).toContain("video: H.264");
  expect(shown).toMatch(/level: \[[█·]{30}\] -?\d+ dBFS/);
  expect(shown.trimEnd().endsWith("\x1b[?25h")).toBe(true);
  await camera.stop();
});
