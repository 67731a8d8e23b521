import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endProcess } from "../../cli/end-process.ts";
import { type Publisher, startPublisher } from "../../cli/media/publisher.ts";
import { makeClip } from "../../cli/media/test-clip.ts";
import { findProgram } from "../../cli/programs.ts";
import { type FaultyStage, type Seen, startFaultyStage } from "./lib/faulty-stage.ts";
import { untilFree } from "./lib/until-free.ts";

// What every fresh Owncast has, and everybody knows.
const publicKey = "abc123";
const rendition = { name: "S", width: 320, height: 180, framerate: 15, bitrateKbps: 500 };
const declared = { instance: { pageText: "" }, video: { latency: "lowest", ladder: [rendition] } };
const picture = { width: 426, height: 240, fps: 15, bitrateKbps: 1000 };
const variant = { name: "S", scaledWidth: 320, scaledHeight: 180, framerate: 15, videoBitrate: 500, cpuUsageLevel: 0 };
const openAdmin = { vhost: (text: string) => text.replace("255.255.255.255/32", "0.0.0.0/0") };

let stage: FaultyStage;
let camera: Publisher | undefined;
let copier: ChildProcess | undefined;
beforeAll(async () => {
  stage = await startFaultyStage();
  await set("video/streamlatencylevel", 0);
  await set("video/streamoutputvariants", [variant]);
});
afterAll(async () => {
  await camera?.stop();
  if (copier) await endProcess(copier);
  await stage?.stop();
});

async function set(endpoint: string, value: unknown): Promise<void> {
  const { status } = await stage.owncast.admin(`config/${endpoint}`, {
    method: "POST",
    body: JSON.stringify({ value }),
  });
  expect(status).toBe(200);
}

const named = ({ code, faults }: Seen) => ({ code, faults });

test("the page text of a fresh Owncast, which loads videos from elsewhere", async () => {
  camera = startPublisher({ target: stage.owncast.rtmp, streamKey: publicKey, ...picture });
  await camera.started;
  await stage.onAir(1);
  const seen = await stage.probe({}, declared);
  expect(named(seen)).toEqual({ code: 2, faults: ["origins"] });
  expect(seen.report.faults[0]?.message).toContain("videos.owncast.online");
});

test("the public password, where the admin page is open too", async () => {
  await set("pagecontent", "");
  expect(named(await stage.probe(openAdmin, declared))).toEqual({ code: 2, faults: ["admin", "password"] });
});

test("nobody publishes, for Owncast hangs up on a camera without sound", async () => {
  await camera?.stop();
  await untilFree(stage.owncast.url);
  const mute = startPublisher({ target: stage.owncast.rtmp, streamKey: publicKey, ...picture, sound: false });
  await expect(mute.finished).rejects.toMatchObject({
    exitCode: 1,
    // Not at once, as where it has not done with the one before.
    message: expect.stringMatching(/the stream ended after [1-9]/),
  });
  expect(named(await stage.probe({}, declared, "--deadline", "1"))).toEqual({ code: 2, faults: ["online"] });
});

test("a master playlist that stays empty, as the camera announces no bitrate for a rendition that is passed on", async () => {
  await set("video/streamoutputvariants", [{ ...variant, videoPassthrough: true, audioPassthrough: true }]);
  const clip = join(stage.folder, "clip.ts");
  writeFileSync(clip, await makeClip({ width: 320, height: 180, seconds: 4 }));
  await untilFree(stage.owncast.url);
  const { port } = stage.owncast.rtmp;
  copier = spawn(
    findProgram("ffmpeg"),
    [
      "-v",
      "error",
      "-re",
      "-stream_loop",
      "-1",
      "-i",
      clip,
      "-c",
      "copy",
      "-flvflags",
      "no_metadata",
      "-f",
      "flv",
      `rtmp://127.0.0.1:${port}/live/${publicKey}`,
    ],
    { stdio: "ignore" },
  );
  const gone = once(copier, "exit").then(() => true);
  const isOnline = async () =>
    ((await (await fetch(`${stage.owncast.url}/api/status`)).json()) as { online: boolean }).online;
  for (let tries = 0; !(await isOnline()); tries++) {
    if (tries > 600 || (await Promise.race([gone, sleep(200)]))) throw new Error("the stage does not come up");
  }
  const seen = await stage.probe({}, { ...declared, video: { ladder: [{ name: "Source", passthrough: true }] } });
  expect(named(seen)).toEqual({ code: 2, faults: ["master"] });
  expect(seen.report.faults[0]?.message).toContain("no video bitrate");
});
