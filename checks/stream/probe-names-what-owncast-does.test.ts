import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endProcess } from "../../src/lib/child-process.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { makeClip } from "../lib/stream/clip.ts";
import { type FaultyStage, type Seen, startFaultyStage } from "../lib/stream/faulty-stage.ts";
import { untilFree, untilOnline } from "../lib/stream/owncast-state.ts";

// Every fresh Owncast has this public key.
const publicKey = "abc123";
const rendition = { name: "S", width: 320, height: 180, framerate: 15, bitrateKbps: 500 };
const declared = { instance: { pageText: "" }, video: { latency: "lowest", ladder: [rendition] } };
const picture = { width: 426, height: 240, fps: 15, bitrateKbps: 1000 };
const variant = { name: "S", scaledWidth: 320, scaledHeight: 180, framerate: 15, videoBitrate: 500, cpuUsageLevel: 0 };
const openAdmin = { vhost: (text: string) => text.replace("255.255.255.255/32", "0.0.0.0/0") };

const passedOn = { videoPassthrough: true, audioPassthrough: true };
const lowest = (stage: FaultyStage) => set(stage, "video/streamlatencylevel", 0);

let stage: FaultyStage;
let camera: Publisher | undefined;
let copier: ChildProcess | undefined;
if (!isExhaustive) noteLeftOut("2 of 5 streams that probe sees of a real Owncast");

/** The probe judges a stream slow only after half a minute: the other tests run meanwhile. */
let slow: Promise<Seen> | undefined;
beforeAll(async () => {
  if (isExhaustive) slow = seeSlowStream();
  slow?.catch(() => {});
  stage = await startFaultyStage();
  await lowest(stage);
  await set(stage, "video/streamoutputvariants", [variant]);
});
afterAll(async () => {
  await camera?.stop();
  if (copier) await endProcess(copier);
  await slow?.catch(() => {});
  await stage?.stop();
});

async function set({ owncast }: FaultyStage, endpoint: string, value: unknown): Promise<void> {
  const { status } = await owncast.admin(`config/${endpoint}`, { method: "POST", body: JSON.stringify({ value }) });
  expect(status).toBe(200);
}

/** Publishes with ffmpeg instead of the synthetic camera. Resolves when each of so many renditions has segments. */
async function publish({ owncast, onAir }: FaultyStage, renditions: number, ...args: readonly string[]) {
  const address = `rtmp://127.0.0.1:${owncast.rtmp.port}/live/${publicKey}`;
  await untilFree(owncast.url);
  const child = spawn(findProgram("ffmpeg"), ["-v", "error", ...args, "-f", "flv", address], { stdio: "ignore" });
  const gone = once(child, "exit").then(() => {
    throw new Error("the camera has ended");
  });
  gone.catch(() => {});
  await Promise.race([untilOnline(owncast.url).then(() => onAir(renditions)), gone]);
  return child;
}

/** Publishes at 25 frames per second, at the speed `speed`, to a passthrough rendition beside an encoded one. */
async function film(stage: FaultyStage, speed: number, sound: string, ...encoding: readonly string[]) {
  await set(stage, "pagecontent", "");
  await set(stage, "video/streamoutputvariants", [variant, { name: "Source", ...passedOn, cpuUsageLevel: 0 }]);
  const paced = (source: string) => ["-readrate", `${speed}`, "-f", "lavfi", "-i", source];
  return publish(
    stage,
    2,
    ...[...paced("testsrc2=size=426x240:rate=25"), ...paced(sound)],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-sc_threshold", "0", "-b:v", "800k"],
    ...[...encoding, "-c:a", "aac"],
  );
}

const mixed = {
  instance: { pageText: "" },
  video: { latency: "lowest", ladder: [rendition, { name: "Source", passthrough: true }] },
};

async function seeSlowStream(): Promise<Seen> {
  const slowStage = await startFaultyStage();
  let child: ChildProcess | undefined;
  try {
    await lowest(slowStage);
    child = await film(slowStage, 0.7, "anullsrc", "-pix_fmt", "yuv422p", "-g", "50");
    return await slowStage.probe({}, mixed, "--any-picture");
  } finally {
    if (child) await endProcess(child);
    await slowStage.stop();
  }
}

const named = ({ code, faults }: Seen) => ({ code, faults });

test("the public password if the admin page is open, and the page text of a fresh Owncast, which loads videos from elsewhere", async () => {
  camera = startPublisher({ target: stage.owncast.rtmp, streamKey: publicKey, ...picture });
  await camera.started;
  await stage.onAir(1);
  const seen = await stage.probe(openAdmin, declared);
  expect(named(seen)).toEqual({ code: 2, faults: ["admin", "origins", "password"] });
  const message = seen.report.faults.find(({ check }) => check === "origins")?.message;
  expect(message).toContain("videos.owncast.online");
});

test("there is no publisher, as Owncast hangs up on a camera without sound", async () => {
  await set(stage, "pagecontent", "");
  await camera?.stop();
  await untilFree(stage.owncast.url);
  const mute = startPublisher({ target: stage.owncast.rtmp, streamKey: publicKey, ...picture, sound: false });
  await expect(mute.finished).rejects.toMatchObject({
    exitCode: 1,
    // Owncast hangs up after a while. At once would mean that it is not done with the last publisher.
    message: expect.stringMatching(/the stream ended after [1-9]/),
  });
  const seen = await stage.probe({}, declared, "--deadline", "1");
  expect(named(seen)).toEqual({ code: 2, faults: ["online"] });
});

test("a master playlist stays empty, as the camera announces no bitrate for a passthrough rendition", async () => {
  await set(stage, "video/streamoutputvariants", [{ ...variant, ...passedOn }]);
  const clip = join(stage.folder, "clip.ts");
  writeFileSync(clip, await makeClip({ width: 320, height: 180, seconds: 4 }));
  // Its own playlist has segments: Owncast is not about to write the master playlist.
  copier = await publish(stage, 1, "-re", "-stream_loop", "-1", "-i", clip, "-c", "copy", "-flvflags", "no_metadata");
  const passthrough = { ...declared, video: { ladder: [{ name: "Source", passthrough: true }] } };
  const seen = await stage.probe({}, passthrough, "--deadline", "2");
  expect(named(seen)).toEqual({ code: 2, faults: ["master"] });
  expect(seen.report.faults[0]?.message).toContain("no video bitrate");
});

describe.runIf(isExhaustive)("a passthrough rendition beside an encoded one", () => {
  test("a keyframe for each segment: no fault, and the camera's rendition is measured", async () => {
    if (copier) await endProcess(copier);
    copier = await film(stage, 1, "sine", "-pix_fmt", "yuv420p", "-g", "25");
    const seen = await stage.probe({}, mixed, "--any-picture");
    expect(named(seen), JSON.stringify(seen.report.faults)).toEqual({ code: 0, faults: [] });
    expect(seen.report.warnings).toEqual([]);
    expect(seen.report.renditions[1]).toMatchObject({ name: "Source", width: 426, height: 240, framerate: 25 });
  });

  test("keyframes that do not fit the latency level, colours that few browsers play, silence, and video slower than live", async () => {
    const seen = (await slow) ?? expect.fail("no slow stream");
    expect(named(seen), JSON.stringify(seen.report.faults)).toEqual({
      code: 2,
      faults: ["S: pace", "Source: gop", "Source: pace", "Source: playable", "switching"],
    });
    expect(seen.report.faults.find(({ check }) => check === "switching")?.message).toContain("S 1 s, Source 2 s");
    expect(seen.report.warnings.map(({ rendition, check }) => `${rendition}: ${check}`)).toEqual([
      "S: silence",
      "Source: silence",
    ]);
    expect(seen.report.faults.every(({ remedy }) => remedy !== undefined)).toBe(true);
  });
});
