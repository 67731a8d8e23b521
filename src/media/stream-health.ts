import { slowBelow } from "./pace.ts";

/** Facts about a camera's stream, measured at the gate or on a passthrough rendition. Undefined: not measured. */
export interface StreamFacts {
  /** `h264`, `hevc`, `av1`, `vp9` or another name; null: there is no video track. */
  readonly videoCodec?: string | null | undefined;
  /** This and the fields up to `height` come from H.264's sequence parameter set. */
  readonly profileIdc?: number | undefined;
  /** 1: 4:2:0, 2: 4:2:2, 3: 4:4:4. */
  readonly chromaFormatIdc?: number | undefined;
  readonly bitDepth?: number | undefined;
  readonly interlaced?: boolean | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly fps?: number | undefined;
  readonly videoKbps?: number | undefined;
  /** Seconds from one keyframe to the next. */
  readonly keyframeSeconds?: { readonly median: number; readonly longest: number } | undefined;
  /** `aac`, `mp3` or another name; null: there is no sound track. */
  readonly audioCodec?: string | null | undefined;
  readonly audioKbps?: number | undefined;
  readonly sampleRate?: number | undefined;
  readonly channels?: number | undefined;
  /** The loudest sample of the last seconds in dBFS, 0 at most; -Infinity is digital silence. */
  readonly loudestDbfs?: number | undefined;
  /** Seconds of media that arrive in one second. */
  readonly speed?: number | undefined;
  /** The share of time, from 0 to 1, in which the camera had to wait because Owncast took no data. */
  readonly heldUp?: number | undefined;
}

/** The format that the stage needs from its camera. */
export interface StreamNeeds {
  /** Length of the latency level's segments. */
  readonly segmentSeconds?: number | undefined;
  /** A rendition passes the camera's stream on unchanged. */
  readonly hasPassthrough: boolean;
  /** A rendition is encoded. */
  readonly hasEncoded?: boolean | undefined;
  /** Of the encoded renditions. */
  readonly tallest?: { readonly width?: number | undefined; readonly height: number } | undefined;
  readonly fastestFps?: number | undefined;
  /** The video bitrate of the best encoded rendition. */
  readonly highestKbps?: number | undefined;
}

/** One finding: its id (YouTube's name for it, if it has one), a sentence, and what a camera operator can do. */
export interface HealthFinding {
  readonly id: string;
  /** `error`: some viewers do not get the stream. `warning`: they get less than the stage offers. */
  readonly severity: "error" | "warning";
  readonly says: string;
  readonly remedy: string;
}

type Judge = (facts: StreamFacts, needs: StreamNeeds) => HealthFinding | undefined;

const silentDbfs = -60;
// A phone with a slower connection would stall, and has no smaller rendition to switch to.
const passthroughKbps = 8000;
const hurriedSpeed = 1.2;
// Cameras' inexact clocks and rounded timestamps stay far below.
const lengthTolerance = 0.05;
const heldUpShare = 0.1;
const rateTolerance = 0.1;
const bitrateTolerance = 0.2;

/** Judges a stream, errors first. Facts that were not measured yield no finding. */
export function judgeStream(facts: StreamFacts, needs: StreamNeeds): HealthFinding[] {
  const findings = judges.flatMap((judge) => judge(facts, needs) ?? []);
  const errors = findings.filter(({ severity }) => severity === "error");
  return [...errors, ...findings.filter((finding) => !errors.includes(finding))];
}

const error = (id: string, says: string, remedy: string): HealthFinding => ({ id, severity: "error", says, remedy });
const warning = (id: string, says: string, remedy: string): HealthFinding => ({
  ...error(id, says, remedy),
  severity: "warning",
});

const judgeVideoCodec: Judge = ({ videoCodec }) => {
  if (videoCodec === undefined || videoCodec === "h264") return undefined;
  if (videoCodec === null)
    return error(
      "noVideoStream",
      "the camera sends no video: Owncast ends such a stream",
      "add a video source; in OBS, check whether the scene has one and whether the encoder started",
    );
  return error(
    "videoCodec",
    `the camera sends ${codecName(videoCodec)}: Owncast takes H.264 only`,
    "choose H.264 as the video encoder (in OBS: Settings, Output, Video Encoder: x264, or a hardware one with H.264 in its name)",
  );
};

const judgeProfile: Judge = ({ videoCodec, profileIdc, chromaFormatIdc = 1, bitDepth = 8 }, { hasPassthrough }) => {
  if (profileIdc === undefined || (videoCodec !== undefined && videoCodec !== "h264") || !hasPassthrough)
    return undefined;
  if (chromaFormatIdc === 1 && bitDepth === 8) return undefined;
  return error(
    "videoProfile",
    `the camera sends ${profileName(profileIdc)} (${chromaName(chromaFormatIdc)}, ${bitDepth} bit), and a rendition passes it on: many browsers and phones show no video`,
    "set the encoder's profile to high or main, and the colour format to NV12 or I420 with 8 bit (in OBS: Settings, Advanced, Video)",
  );
};

const judgeInterlaced: Judge = ({ interlaced }) =>
  interlaced
    ? warning(
        "interlacedVideo",
        "the camera sends interlaced video: viewers see stripes at the edges of moving objects",
        "set camera and capture device to a progressive mode such as 1080p, or turn deinterlacing on for this source",
      )
    : undefined;

const judgeSize: Judge = ({ width, height }, { tallest }) => {
  if (width === undefined || height === undefined || !tallest) return undefined;
  const wanted = tallest.width === undefined ? `a height of ${tallest.height}` : `${tallest.width}x${tallest.height}`;
  // A portrait camera fills the rendition's width or its height, so only a camera with less of both is too small.
  if (height >= tallest.height || (tallest.width !== undefined && width >= tallest.width)) return undefined;
  return warning(
    "videoResolutionSuboptimal",
    `the camera sends ${width}x${height}, less than the largest rendition (${wanted}): Owncast enlarges it, which costs bitrate and adds nothing`,
    `send ${wanted} (in OBS: Settings, Video, Output Resolution), or take that rendition out of the ladder`,
  );
};

const judgeFps: Judge = ({ fps }, { fastestFps }) =>
  fps === undefined || fastestFps === undefined || fps >= fastestFps * (1 - rateTolerance)
    ? undefined
    : warning(
        "frameRateLow",
        `the camera sends ${rounded(fps)} frames per second, fewer than the fastest rendition (${fastestFps}): Owncast repeats frames`,
        `send ${fastestFps} frames per second; if the camera is set to that already, its encoder is too slow, or the room is too dark`,
      );

// If the stream arrives too slowly, its measured bitrate is too low as well.
const judgeBitrateLow: Judge = ({ videoKbps, speed = 1 }, { highestKbps }) =>
  videoKbps === undefined ||
  highestKbps === undefined ||
  speed < slowBelow ||
  videoKbps >= highestKbps * (1 - bitrateTolerance)
    ? undefined
    : warning(
        "bitrateLow",
        `the camera's video takes ${Math.round(videoKbps)} kbit/s, less than the best rendition (${highestKbps}): encoding it again cannot bring back the lost detail`,
        `send at least ${highestKbps} kbit/s at a constant bitrate (CBR), better as many as \`lectern capacity\` names; a still image may take less, and then all is well`,
      );

const judgeBitrateHigh: Judge = ({ videoKbps }, { hasPassthrough }) =>
  videoKbps === undefined || !hasPassthrough || videoKbps <= passthroughKbps
    ? undefined
    : warning(
        "bitrateHigh",
        `the camera's video takes ${Math.round(videoKbps)} kbit/s, and a rendition passes it on: every viewer of that rendition needs as much`,
        "send 6000 kbit/s or less, or let Owncast encode a smaller rendition too",
      );

const judgeKeyframes: Judge = ({ keyframeSeconds }, { hasPassthrough, hasEncoded, segmentSeconds }) => {
  if (!keyframeSeconds || segmentSeconds === undefined || !hasPassthrough) return undefined;
  const { median, longest } = keyframeSeconds;
  // Keyframes of one timestamp have no interval.
  if (!(median > 0)) return undefined;
  const remedy = `set the keyframe interval to ${segmentSeconds} s, not to 0 or auto (in OBS: Settings, Output, Keyframe Interval)`;
  const cost = hasEncoded ? "players stop when they change to it" : "viewers are further behind";
  if (longest > segmentSeconds * (1 + lengthTolerance))
    return (hasEncoded ? error : warning)(
      "gopSizeLong",
      `${rounded(longest)} s pass between keyframes, more than a segment lasts (${segmentSeconds} s): segments of the passthrough rendition become as long, and ${cost}`,
      remedy,
    );
  const cutSeconds = Math.ceil(segmentSeconds / median - lengthTolerance) * median;
  if (Math.abs(cutSeconds - segmentSeconds) <= segmentSeconds * lengthTolerance) return undefined;
  return warning(
    "gopMismatch",
    `a keyframe comes every ${rounded(median)} s, which does not divide a segment (${segmentSeconds} s): segments of the passthrough rendition last ${rounded(cutSeconds)} s, and ${cost}`,
    remedy,
  );
};

const judgeAudioCodec: Judge = ({ audioCodec }) => {
  if (audioCodec === undefined || audioCodec === "aac") return undefined;
  if (audioCodec === null)
    return error(
      "noAudioStream",
      "the camera sends no sound track: Owncast ends such a stream",
      "add a sound track, a silent one if there is no microphone (in OBS: Settings, Output, Audio Track; in ffmpeg: -f lavfi -i anullsrc -c:a aac)",
    );
  return error(
    "audioCodec",
    `the camera sends ${codecName(audioCodec)} as sound: Owncast takes AAC only, and ends a stream without it`,
    "choose AAC as the audio encoder (in OBS: Settings, Output, Audio Encoder; in ffmpeg: -c:a aac)",
  );
};

const judgeSilence: Judge = ({ audioCodec, loudestDbfs }) => {
  if (audioCodec === null || loudestDbfs === undefined || loudestDbfs > silentDbfs) return undefined;
  const level =
    loudestDbfs === Number.NEGATIVE_INFINITY ? "digital silence" : `at most ${Math.round(loudestDbfs)} dBFS`;
  return warning(
    "audioSilent",
    `the sound track is silent (${level})`,
    "check whether the microphone is muted, chosen and plugged in; speech should reach -18 to -6 dBFS",
  );
};

/** The finding that Owncast's encoder is slower than live. `speed`: seconds of media per second, however it was measured. */
export const slowEncoder = (speed: number): HealthFinding =>
  error(
    "encoderOverloaded",
    `Owncast's encoder is slower than live (${speed.toFixed(2)} s of media per second): viewers fall behind, then it stalls`,
    "declare fewer or smaller renditions or `cpuUsage: lowest`, or use a machine with more cores; the change takes effect at the next stream",
  );

const judgeSpeed: Judge = ({ speed, heldUp = 0 }) => {
  if (speed === undefined || (speed >= slowBelow && speed <= hurriedSpeed)) return undefined;
  const shown = `${speed.toFixed(2)} s of media arrive per second`;
  if (speed < slowBelow && heldUp >= heldUpShare) return slowEncoder(speed);
  if (speed < slowBelow)
    return error(
      "videoIngestionStarved",
      `the stream comes slower than live (${shown}): viewers will see it stall`,
      "lower the camera's bitrate below what its upload carries, or use a cable; if the program says that encoding is overloaded, lower size or frame rate",
    );
  return warning(
    "videoIngestionFasterThanRealtime",
    `the stream comes faster than live (${shown}): viewers will miss parts`,
    "if this lasts, let the program send at the speed of the media (in ffmpeg: -re before -i)",
  );
};

const judges: readonly Judge[] = [
  judgeVideoCodec,
  judgeAudioCodec,
  judgeProfile,
  judgeSpeed,
  judgeKeyframes,
  judgeSilence,
  judgeInterlaced,
  judgeSize,
  judgeFps,
  judgeBitrateLow,
  judgeBitrateHigh,
];

const names: Readonly<Record<string, string>> = {
  h264: "H.264",
  hevc: "HEVC (H.265)",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
  aac: "AAC",
  mp3: "MP3",
  opus: "Opus",
  flac: "FLAC",
  ac3: "AC-3",
  eac3: "E-AC-3",
};

/** A codec's name for people. */
export const codecName = (codec: string): string => names[codec] ?? codec;

const profiles: Readonly<Record<number, string>> = {
  44: "H.264 CAVLC 4:4:4",
  66: "H.264 Baseline",
  77: "H.264 Main",
  88: "H.264 Extended",
  100: "H.264 High",
  110: "H.264 High 10",
  122: "H.264 High 4:2:2",
  244: "H.264 High 4:4:4",
};

/** The name of an H.264 profile, for people. */
export const profileName = (profileIdc: number): string => profiles[profileIdc] ?? `H.264 profile ${profileIdc}`;

const chromaName = (chromaFormatIdc: number): string =>
  ["without colour", "4:2:0", "4:2:2", "4:4:4"][chromaFormatIdc] ?? "unknown colour format";

const rounded = (value: number): string => `${Math.round(value * 10) / 10}`;
