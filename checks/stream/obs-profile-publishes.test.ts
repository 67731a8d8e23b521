import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { streamNeeds } from "../../src/media/camera-needs.ts";
import { declaredRenditions } from "../../src/media/declared-renditions.ts";
import { parseRtmpUrl } from "../../src/media/rtmp/rtmp-target.ts";
import { apply } from "../../src/owncast/apply/apply.ts";
import { probe } from "../../src/probe/probe.ts";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import { get } from "../../src/viewer/http-client.ts";
import { parseMedia } from "../../src/viewer/playlist.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { runLectern } from "../lib/process/run-verb.ts";
import { untilOnAir } from "../lib/stream/owncast-state.ts";

// Segments of 2 s. Owncast can cut a passthrough stream only at a keyframe.
const stageFile = `
instance: { name: "Talks; and more = less", pageText: "" }
video:
  latency: low
  ladder:
    - { name: S, width: 320, height: 180, framerate: 15, bitrateKbps: 500, cpuUsage: lowest }
    - { name: Source, passthrough: true }
`;
let owncast: PlainOwncast;
let folder: string;
let camera: Publisher | undefined;
beforeAll(async () => {
  owncast = await startPlainOwncast();
  folder = mkdtempSync(join(tmpdir(), "lectern-obs-"));
});
afterAll(async () => {
  await camera?.stop();
  await owncast?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

/** Reads a profile's ini file like OBS. */
function readIni(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, section] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value = ""] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    if (section !== undefined) sections[section] = current = {};
    else if (key !== undefined) current[key] = value;
  }
  return sections;
}

test("a stream with the profile's settings gives viewers what the stage declares", async () => {
  const at = (name: string) => join(folder, name);
  writeFileSync(at("main.yaml"), stageFile);
  writeFileSync(at("key"), "the key of/this=test\n");
  const { address } = owncast.rtmp;
  const flags = ["--seed", at("main.yaml"), "--server", address, "--stream-key-file", at("key"), "--output", at("obs")];
  const camera426 = ["--size", "426x240", "--fps", "15", "--bitrate", "800"];
  expect(await runLectern(["obs", ...flags, ...camera426])).toMatchObject({ code: 0 });
  const seed = await loadSeed(at("main.yaml"));
  const reveal = (name: string) => (name === "stream-key" ? "the key of/this=test" : "the-password-of-this-test");
  await apply({ seed, url: owncast.url, deadlineSeconds: 20, reveal });

  const { General, Video, AdvOut, Output } = readIni(readFileSync(at("obs/basic.ini"), "utf8"));
  const { type, settings } = JSON.parse(readFileSync(at("obs/service.json"), "utf8"));
  const encoder = JSON.parse(readFileSync(at("obs/streamEncoder.json"), "utf8"));
  expect({
    type,
    mode: Output?.Mode,
    encoder: AdvOut?.Encoder,
    name: General?.Name,
    rate: encoder.rate_control,
  }).toEqual({
    ...{ type: "rtmp_custom", mode: "Advanced", encoder: "obs_x264", name: "Talks; and more = less", rate: "CBR" },
  });
  const picture = { width: Number(Video?.OutputCX), height: Number(Video?.OutputCY), fps: Number(Video?.FPSInt) };
  camera = startPublisher({
    ...{ target: parseRtmpUrl(settings.server), streamKey: settings.key, ...picture },
    ...{ bitrateKbps: encoder.bitrate, keyframeSeconds: encoder.keyint_sec },
  });
  await camera.started;
  const { url } = owncast;
  await untilOnAir(url, 2);
  const look = { renditions: declaredRenditions(seed.video?.ladder), needs: streamNeeds(seed.video ?? {}) };
  const { renditions, faults, warnings } = await probe({ url, ...look });
  expect(renditions.map(({ name, width, height, framerate }) => ({ name, width, height, framerate }))).toEqual([
    { name: "S", width: 320, height: 180, framerate: 15 },
    { name: "Source", width: 426, height: 240, framerate: 15 },
  ]);
  // There is no Caddy in front: only Caddy's part is missing.
  const aboutPicture = faults.filter(({ check }) => !["types", "compressed", "admin"].includes(check));
  expect([aboutPicture, warnings]).toEqual([[], []]);
  const passedOn = parseMedia((await get(`${url}/hls/1/stream.m3u8`)).body.toString());
  expect(new Set(passedOn.segments.map(({ durationSeconds }) => Math.round(durationSeconds)))).toEqual(new Set([2]));
});
