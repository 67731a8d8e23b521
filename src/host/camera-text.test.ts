import { describe, expect, it } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import type { CameraState } from "./camera-health.ts";
import { levelMeter, soundText, videoText } from "./camera-text.ts";
import type { StreamCheck } from "./gate-client.ts";
import { type StageStatus, statusExitCode } from "./stage-status.ts";
import { watchLines } from "./stage-watch.ts";
import { statusText } from "./status-text.ts";

const now = Date.parse("2026-11-25T22:10:00Z");
const well: CameraState = { findings: [], encoderSpeed: 1.002, hangUp: undefined };
const silent = { id: "audioSilent", severity: "warning", says: "the sound track is silent", remedy: "look" } as const;
const mute = { id: "noAudioStream", severity: "error", says: "no sound track", remedy: "add one" } as const;
const hangUp = {
  ...{ key: "moderator", address: "192.0.2.2", secondsAgo: 12.4, onAirSeconds: 6.2, reason: "owncast-ended" },
  ...{ says: "no sound track", remedy: "add one", owncastSays: ["Unable to map stream at a:0\u001b[2J"] },
};
const stream: StreamCheck = {
  facts: {
    ...{ videoCodec: "h264", profileIdc: 100, chromaFormatIdc: 1, bitDepth: 8, width: 1280, height: 720, fps: 30 },
    ...{ videoKbps: 2503, keyframeSeconds: { median: 2, longest: 2.04 }, speed: 1 },
    ...{ audioCodec: "aac", sampleRate: 44_100, channels: 2, audioKbps: 129 },
  },
  levelDbfs: -12.3,
  findings: [],
};
const gate = {
  ...{ listening: true, refused: {} },
  inputs: {
    main: {
      publisher: { key: "moderator", address: "192.0.2.2", sinceSeconds: 60, silentSeconds: 0, kbps: 2632, stream },
      waiting: 0,
    },
  },
};
const onAir = {
  ...{ state: "live" as const, since: "2026-11-25T20:05:00Z", viewers: 34, mostViewers: 51, title: "" },
  ...{ drift: [], waiting: [], untold: [] },
};
const status = (camera: CameraState): StageStatus => ({
  ...{ name: "main", domain: "live.test", units: undefined, fault: undefined, gate, camera, onAir },
  certificate: { state: "there", until: "2026-12-24T18:00:00.000Z", issuer: "Let's Encrypt" },
});

describe("a stage's status", () => {
  it("shows what the camera sends, and that the encoder keeps up", () => {
    expect(statusText(status(well), now)).toContain(
      "  video: H.264 High, 1280x720, 30 frames/s, 2503 kbit/s, a keyframe every 2 s\n" +
        "  sound: AAC, 44.1 kHz, stereo, 129 kbit/s; level: -12 dBFS\n" +
        "  encoder: 1.00× of live\n",
    );
    expect(statusExitCode([status(well)], now)).toBe(ExitCode.done);
  });

  it("fails for an error and not for a warning, and shows each with its remedy", () => {
    expect(statusExitCode([status({ ...well, findings: [silent] })], now)).toBe(ExitCode.done);
    const both = status({ ...well, findings: [mute, silent] });
    expect(statusExitCode([both], now)).toBe(ExitCode.differs);
    expect(statusText(both, now)).toContain(
      "  ✗ noAudioStream: no sound track\n    → add one\n  ! audioSilent: the sound track is silent\n    → look\n",
    );
  });

  it("fails while Owncast has hung up on the camera, and gives the reason in our words and in Owncast's", () => {
    const ended = status({ ...well, hangUp });
    expect(statusExitCode([ended], now)).toBe(ExitCode.differs);
    expect(statusText(ended, now)).toContain(
      '  ✗ the last stream (key "moderator" from 192.0.2.2) ended 12 s ago, after 6 s: no sound track\n    → add one\n' +
        "    Owncast: Unable to map stream at a:0\\u001b[2J\n",
    );
  });
});

it("the camera operator's screen shows the same, and a level meter", () => {
  const state = { name: "main", address: "https://live.test", onAir, gate, camera: well, faults: [] };
  expect(watchLines(state, now)).toEqual([
    "main  https://live.test",
    "  live since 2026-11-25 20:05 UTC (2 h 5 min), 34 viewers (at most 51)",
    '  camera: key "moderator" from 192.0.2.2, 2632 kbit/s',
    "  video: H.264 High, 1280x720, 30 frames/s, 2503 kbit/s, a keyframe every 2 s",
    "  sound: AAC, 44.1 kHz, stereo, 129 kbit/s",
    "  level: [████████████████████████······] -12 dBFS",
    "  encoder: 1.00× of live",
    "  ✓ nothing to correct",
  ]);
});

it("the text leaves out values that were not measured", () => {
  const unknown: StreamCheck = { facts: {}, levelDbfs: undefined, findings: [] };
  expect([videoText(unknown), soundText(unknown)]).toEqual([undefined, undefined]);
  const state = {
    name: "main",
    address: "https://live.test",
    onAir: undefined,
    gate: undefined,
    camera: well,
    faults: [],
  };
  expect(watchLines({ ...state, camera: { ...well, encoderSpeed: undefined } }, now)).toEqual([
    "main  https://live.test",
  ]);
});

it.each([
  [0, 30],
  [-30, 15],
  [-60, 0],
  [-90, 0],
  [Number.NEGATIVE_INFINITY, 0],
  [3, 30],
])("a level of %d dBFS fills %d of the meter's 30 places", (dbfs, places) =>
  expect(levelMeter(dbfs)).toBe(`[${"█".repeat(places)}${"·".repeat(30 - places)}]`),
);
