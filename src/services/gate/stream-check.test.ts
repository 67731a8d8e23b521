// Cameras' data as bytes that reach a gate over the network; checks/stream uses the real Owncast and ffmpeg.
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type RawCamera, rawCamera, wire } from "../../../checks/lib/stream/camera-wire.ts";
import { startTestGate, type TestGate, testKeys } from "../../../checks/lib/stream/gated-ingest.ts";
import { streamNeeds } from "../../media/camera-needs.ts";
import { rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import { StreamCheck } from "./stream-check.ts";

const key = testKeys["key-moderator"];
const running: TestGate[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function start(...options: Parameters<typeof startTestGate>): Promise<TestGate> {
  const gate = await startTestGate(...options);
  running.push(gate);
  return gate;
}

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++, await sleep(20)) if (looks > 500) throw new Error("it does not come about");
}

async function onAir(port: number): Promise<RawCamera> {
  const camera = await rawCamera(port);
  camera.send(wire.greeting(key));
  await until(() => camera.statuses().some(({ code }) => code === "NetStream.Publish.Start"));
  return camera;
}

const media = (type: number, payload: readonly number[], timestampMs = 0) =>
  wire.message(type, Buffer.from(payload), { streamId: 1, timestampMs, channel: type === rtmpType.audio ? 4 : 6 });
const fourCc = (name: string) => [...Buffer.from(name, "latin1")];

it.each([
  {
    claim: "HEVC",
    bytes: [0x90, ...fourCc("hvc1"), 1],
    says: "the camera sends HEVC (H.265): Owncast takes H.264 only; choose H.264",
  },
  {
    claim: "AV1",
    bytes: [0x91, ...fourCc("av01"), 1],
    says: "the camera sends AV1: Owncast takes H.264 only; choose H.264",
  },
])("a camera that sends $claim is told what to send instead", async ({ bytes, says }) => {
  const { port, gate, lines } = await start();
  const camera = await onAir(port);
  camera.send(media(rtmpType.video, bytes));
  await camera.closed;
  expect(camera.statuses().at(-1)).toMatchObject({
    code: "NetStream.Publish.Failed",
    description: expect.stringContaining(says),
  });
  await until(() => gate.status().inputs.main?.lastEnd?.reason === "unsupported-codec");
  expect(gate.status().refused).toEqual({ "unsupported-codec": 1 });
  expect(lines.join("\n")).toContain(says);
});

// Data that players and Owncast ignore. The gate must not take any of it for the codec of the whole stream.
const odd: readonly { claim: string; type: number; bytes: readonly number[]; isOfNoTrack?: true }[] = [
  {
    claim: "the configuration of a second sound track",
    type: rtmpType.audio,
    bytes: [0x95, 0x00, ...fourCc("mp4a"), 1],
    isOfNoTrack: true,
  },
  {
    claim: "a second sound track",
    type: rtmpType.audio,
    bytes: [0x95, 0x01, ...fourCc("mp4a"), 1, 2, 3],
    isOfNoTrack: true,
  },
  {
    claim: "a second video track",
    type: rtmpType.video,
    bytes: [0x96, 0x01, ...fourCc("avc1"), 1, 2, 3],
    isOfNoTrack: true,
  },
  {
    claim: "a second video track of HEVC",
    type: rtmpType.video,
    bytes: [0x96, 0x11, ...fourCc("hvc1"), 2, 0, 0, 1, 3],
    isOfNoTrack: true,
  },
  {
    claim: "a first track that is sent as one of many",
    type: rtmpType.audio,
    bytes: [0x95, 0x01, ...fourCc("mp4a"), 0],
  },
  { claim: "a command frame", type: rtmpType.video, bytes: [0x52, 0x00], isOfNoTrack: true },
  { claim: "a command frame of Enhanced RTMP", type: rtmpType.video, bytes: [0xd1, 0x00, 1, 2, 3], isOfNoTrack: true },
  {
    claim: "a frame with a modifier",
    type: rtmpType.video,
    bytes: [0x97, ...fourCc("abcd"), 1],
    isOfNoTrack: true,
  },
  {
    claim: "a sound with a modifier",
    type: rtmpType.audio,
    bytes: [0x97, ...fourCc("abcd"), 1],
    isOfNoTrack: true,
  },
  { claim: "HDR metadata of another codec", type: rtmpType.video, bytes: [0x94, ...fourCc("hvc1"), 1] },
  { claim: "one frame of HEVC", type: rtmpType.video, bytes: [0x91, ...fourCc("hvc1"), 1] },
  { claim: "one frame of H.263", type: rtmpType.video, bytes: [0x12, 1, 2, 3] },
  { claim: "a moment of MP3", type: rtmpType.audio, bytes: [0x2f, 1, 2, 3] },
];

describe("a stream of H.264 and AAC", () => {
  const startCheck = () => {
    const clock = { now: 0 };
    const check = new StreamCheck(streamNeeds(), {
      ...{ ffmpeg: undefined, now: () => clock.now, signal: new AbortController().signal },
    });
    const count = (type: number, ...bytes: number[]) =>
      check.count({ type, timestampMs: clock.now, data: Buffer.from(bytes) });
    const goOn = (pieces: number) => {
      for (let piece = 0; piece < pieces; piece++, clock.now += 40) {
        count(rtmpType.video, piece % 50 === 0 ? 0x17 : 0x27, 1, 0, 0, 0, 1);
        count(rtmpType.audio, 0xaf, 1, 2, 3);
      }
    };
    return { clock, check, count, goOn };
  };

  it.each(odd)("goes on unchanged if it contains $claim", ({ type, bytes }) => {
    const { check, count, goOn } = startCheck();
    goOn(100);
    const { videoCodec, audioCodec, fps, keyframeSeconds } = check.state().facts;
    count(type, ...bytes);
    expect(check.refusal).toBeUndefined();
    expect(check.state().facts).toMatchObject({ videoCodec, audioCodec, fps, keyframeSeconds });
    goOn(100);
    expect(check.refusal).toBeUndefined();
    expect(check.state().facts).toMatchObject({ videoCodec: "h264", audioCodec: "aac", fps: 25 });
    expect(check.state().findings).toEqual([]);
  });

  it.each(odd.filter(({ isOfNoTrack }) => isOfNoTrack))("may begin with $claim", ({ type, bytes }) => {
    const { check, count, goOn } = startCheck();
    count(type, ...bytes);
    expect(check.refusal).toBeUndefined();
    expect(check.state().facts).toMatchObject({ videoCodec: undefined, audioCodec: undefined });
    goOn(100);
    expect(check.refusal).toBeUndefined();
  });

  it("is not ended by the gate if it changes to HEVC or MP3; Owncast ends it, and the gate gives the reason", () => {
    const { clock, check, count, goOn } = startCheck();
    goOn(100);
    for (let frame = 0; frame < 100; frame++, clock.now += 40) {
      count(rtmpType.video, 0x91, ...fourCc("hvc1"), 1);
      count(rtmpType.audio, 0x2f, 1, 2, 3);
      expect(check.refusal).toBeUndefined();
    }
    expect(check.state().findings.map(({ id }) => id)).toEqual(["videoCodec", "audioCodec"]);
    expect(check.hangUp?.says).toContain("HEVC");
    goOn(1);
    expect(check.state().facts).toMatchObject({ videoCodec: "h264", audioCodec: "aac" });
  });

  it("reaches Owncast to its end, whatever odd data it contains", async () => {
    const { port, gate, ingest } = await start();
    const camera = await onAir(port);
    const goOn = () =>
      camera.send(media(rtmpType.video, [0x17, 1, 0, 0, 0, 1]), media(rtmpType.audio, [0xaf, 1, 2, 3]));
    goOn();
    for (const { type, bytes } of odd) {
      camera.send(media(type, bytes));
      goOn();
    }
    await until(() => ingest.pictures() >= odd.length + 1);
    expect(gate.status()).toMatchObject({ inputs: { main: { publisher: { key: "moderator" } } }, refused: {} });
  });
});

it("a camera that sends MP3 is told to send AAC", async () => {
  const { port } = await start();
  const camera = await onAir(port);
  camera.send(media(rtmpType.video, [0x17, 1, 0, 0, 0, 1]), media(rtmpType.audio, [0x2f, 1, 2, 3]));
  await camera.closed;
  expect(camera.statuses().at(-1)?.description).toContain("the camera sends MP3 as sound: Owncast takes AAC only");
});

it("a camera without sound is told that the sound is missing if Owncast hangs up on it", async () => {
  let skippedMs = 0;
  const { port, gate, ingest } = await start({
    ...{ behaviour: { closesAfter: 3 }, now: () => performance.now() + skippedMs },
  });
  const camera = await onAir(port);
  camera.send(media(rtmpType.video, [0x17, 1, 0, 0, 0, 1]));
  await until(() => ingest.pictures() === 1);
  skippedMs = 6000;
  for (let frame = 1; frame < 3; frame++) camera.send(media(rtmpType.video, [0x17, 1, 0, 0, 0, 1], frame * 40));
  await camera.closed;
  expect(camera.statuses().at(-1)?.description).toContain("the camera sends no sound track");
  await until(() => gate.status().inputs.main?.lastEnd !== null);
  expect(gate.status().inputs.main?.lastEnd).toMatchObject({
    ...{ key: "moderator", reason: "owncast-ended" },
    says: expect.stringContaining("no sound track"),
    remedy: expect.stringContaining("add a sound track"),
  });
});

it("status and metrics show a publisher's format and its faults", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-check-"));
  const socket = join(folder, "status.sock");
  // The test's own clock: a busy machine must not look like a slow camera.
  let nowMs = 0;
  const ladder = [
    { name: "HD", width: 1280, height: 720, framerate: 50, bitrateKbps: 1200 },
    { name: "Source", passthrough: true },
  ];
  const { port, ingest, lines } = await start({
    ...{ status: `unix:${socket}`, now: () => nowMs },
    video: { latency: "low", ladder },
  });
  const camera = await onAir(port);
  camera.send(
    media(rtmpType.video, [0x17, 0, 0, 0, 0, ...setUpOfHigh422]),
    media(rtmpType.audio, [0xaf, 0, 0x11, 0x90]),
  );
  for (let frame = 0; frame < 250; frame++) {
    const head = [frame === 0 ? 0x17 : 0x27, 1, 0, 0, 0];
    camera.send(media(rtmpType.video, [...head, ...Array<number>(8000).fill(1)], frame * 40));
    camera.send(media(rtmpType.audio, [0xaf, 1, 2, 3], frame * 40));
    if (frame % 25 !== 24) continue;
    await until(() => ingest.pictures() === frame + 1);
    nowMs += 1000;
  }
  const { inputs } = JSON.parse(await asked(socket, "/status"));
  expect(inputs.main.publisher.stream).toMatchObject({
    facts: {
      ...{ videoCodec: "h264", profileIdc: 122, chromaFormatIdc: 2, bitDepth: 8, width: 320, height: 180 },
      ...{ audioCodec: "aac", sampleRate: 48_000, channels: 2 },
    },
    findings: [
      { id: "videoProfile", severity: "error", says: expect.stringContaining("H.264 High 4:2:2 (4:2:2, 8 bit)") },
      { id: "gopSizeLong", severity: "error", remedy: expect.stringContaining("keyframe interval to 2 s") },
      { id: "videoResolutionSuboptimal", severity: "warning", says: expect.stringContaining("320x180") },
      { id: "frameRateLow", severity: "warning", says: expect.stringContaining("25 frames per second") },
    ],
  });
  const metrics = await asked(socket, "/metrics");
  expect(metrics).toMatch(/^lectern_gate_finding\{input="main",finding="gopSizeLong",severity="error"\} 1$/m);
  expect(metrics).toMatch(/^lectern_gate_frames_per_second\{input="main"\} 25$/m);
  const said = () => lines.filter((line) => line.includes(": error: videoProfile: "));
  await until(() => said().length > 0);
  expect(said()).toHaveLength(1);
  rmSync(folder, { recursive: true });
});

const spsOfHigh422 = Buffer.from("677a000cbcb40a0cfc6e0220000003002000000641e28554", "hex");
const setUpOfHigh422 = [1, 122, 0, 12, 0xff, 0xe1, 0, spsOfHigh422.length, ...spsOfHigh422];

/** The response of a status server at its socket. */
const asked = (socketPath: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (answer) => resolve(text(answer)))
      .once("error", reject)
      .end();
  });
