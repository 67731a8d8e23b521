import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseRtmpUrl } from "../../src/media/rtmp/rtmp-target.ts";
import { startPublisher } from "../../src/publish/publisher.ts";
import { type DemoProcess, startDemo } from "../lib/process/demo-process.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-hung-up-"));
const demos: DemoProcess[] = [];
afterAll(async () => {
  for (const demo of demos) await demo.dispose();
  rmSync(folder, { recursive: true });
});

async function start(...args: string[]): Promise<DemoProcess> {
  const demo = await startDemo(args);
  demos.push(demo);
  return demo;
}

test.concurrent("a demo with a broken encoder ends with that reason, Owncast's words and a remedy", async () => {
  const seed = join(folder, "vaapi.yaml");
  const light = readFileSync("checks/lib/stages/light-stage.yaml", "utf8");
  writeFileSync(seed, light.replace("latency: lowest", "latency: lowest\n  codec: h264_vaapi"));
  const demo = await start("--once", "--seed", seed);
  expect((await demo.ended).code).toBe(1);
  expect(demo.stderr()).toContain("Owncast's encoder does not work on this machine");
  expect(demo.stderr()).toMatch(/Owncast's last words:\n {2}.*va-?api/);
  expect(demo.stderr()).toContain("→ set video.codec to libx264");
});

test.concurrent("a demo that waits for a camera names a camera's fault, and shows the next camera", async () => {
  const demo = await start("--no-camera", "--seed", "checks/lib/stages/light-stage.yaml");
  await demo.says("camera: nobody publishes");
  const [run = ""] = demo.runFolders();
  const [key = ""] = readdirSync(join(run, "secrets")).filter((name) => name.includes("stream-key"));
  const streamKey = readFileSync(join(run, "secrets", key), "utf8").trim();
  const target = parseRtmpUrl(`rtmp://127.0.0.1:${demo.ports.rtmp}/live`);
  const camera = { target, streamKey, width: 320, height: 180, fps: 15, bitrateKbps: 300 };
  await expect(startPublisher({ ...camera, sound: false }).finished).rejects.toThrow("the camera sends no sound track");
  await demo.says("the camera sends no sound track");
  await demo.says("→ add a sound track");
  const better = startPublisher(camera);
  await better.started;
  await demo.says("nothing to correct");
  await better.stop();
  expect(demo.stdout()).not.toContain(streamKey);
  demo.child.kill("SIGINT");
  expect((await demo.ended).code).toBe(0);
});
