import { oneLine, printable } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import { codecName, type HealthFinding, profileName } from "../media/stream-health.ts";
import type { CameraState, HangUp } from "./camera-health.ts";
import type { StreamCheck } from "./gate-client.ts";

const meterWidth = 30;
const quietestDbfs = -60;

/** The video that a camera sends, in one line; undefined while nothing is known. */
export function videoText({ facts }: StreamCheck): string | undefined {
  const { videoCodec, profileIdc, width, height, fps, videoKbps, keyframeSeconds } = facts;
  if (videoCodec === undefined) return undefined;
  if (videoCodec === null) return "none";
  return [
    profileIdc === undefined ? codecName(oneLine(videoCodec)) : profileName(profileIdc),
    ...(width !== undefined && height !== undefined ? [`${width}x${height}`] : []),
    ...(fps === undefined ? [] : [`${fps} frames/s`]),
    ...(videoKbps === undefined ? [] : [`${videoKbps} kbit/s`]),
    ...(keyframeSeconds ? [`a keyframe every ${keyframesText(keyframeSeconds)}`] : []),
  ].join(", ");
}

function keyframesText({ median, longest }: { readonly median: number; readonly longest: number }): string {
  const [usual, most] = [median, longest].map((value) => `${Math.round(value * 10) / 10}`);
  return usual === most ? `${usual} s` : `${usual} s, once ${most} s`;
}

/** The sound that a camera sends, in one line; undefined while nothing is known. */
export function soundText({ facts }: StreamCheck): string | undefined {
  const { audioCodec, sampleRate, channels, audioKbps } = facts;
  if (audioCodec === undefined) return undefined;
  if (audioCodec === null) return "none";
  return [
    codecName(oneLine(audioCodec)),
    ...(sampleRate === undefined ? [] : [`${sampleRate / 1000} kHz`]),
    ...(channels === undefined ? [] : [["", "mono", "stereo"][channels] ?? `${channels} channels`]),
    ...(audioKbps === undefined ? [] : [`${audioKbps} kbit/s`]),
  ].join(", ");
}

/** The level of the sound. */
export const levelText = (dbfs: number | undefined): string =>
  dbfs === undefined ? "not measured" : dbfs === Number.NEGATIVE_INFINITY ? "silence" : `${Math.round(dbfs)} dBFS`;

/** A level meter from -60 to 0 dBFS. */
export function levelMeter(dbfs: number): string {
  const share = 1 - Math.max(quietestDbfs, Math.min(0, dbfs)) / quietestDbfs;
  const filled = Math.round(share * meterWidth);
  return `[${"█".repeat(filled)}${"·".repeat(meterWidth - filled)}]`;
}

/** A finding and its remedy, a line each. */
const findingLines = ({ id, severity, says, remedy }: HealthFinding, paint: Paint): string[] => [
  `${severity === "error" ? paint("✗", "✗") : paint("!", "!")} ${oneLine(id)}: ${oneLine(says)}`,
  `  → ${oneLine(remedy)}`,
];

/** A stream that Owncast or the gate ended, the reason, and what to do. */
function hangUpLines(hangUp: HangUp, paint: Paint): string[] {
  const { key, address, secondsAgo, onAirSeconds, says, remedy, owncastSays } = hangUp;
  const who = `key ${printable(key)} from ${oneLine(address)}`;
  return [
    `${paint("✗", "✗")} the last stream (${who}) ended ${spanText(secondsAgo)} ago, after ${spanText(onAirSeconds)}: ${oneLine(says)}`,
    ...(remedy === undefined ? [] : [`  → ${oneLine(remedy)}`]),
    ...owncastSays.map((words) => `  Owncast: ${oneLine(words)}`),
  ];
}

const spanText = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

/** The faults of a camera, for people. */
export const cameraLines = ({ findings, hangUp }: CameraState, paint: Paint): string[] => [
  ...findings.flatMap((finding) => findingLines(finding, paint)),
  ...(hangUp ? hangUpLines(hangUp, paint) : []),
];
