import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { findProgram } from "../../../src/lib/programs.ts";
import { encodeClock } from "../../../src/media/painted-clock.ts";
import { cameraInput } from "../../../src/publish/encoder.ts";

/** A segment for tests, like Owncast's. */
export interface ClipOptions {
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
  readonly seconds?: number;
  readonly bitrateKbps?: number;
  /** `camera`: the synthetic camera; `frozen`: its clock stands still; `pattern`: no clock; `black`. */
  readonly shows?: "camera" | "frozen" | "pattern" | "black";
  /** The clock's first time, in ms since the epoch. */
  readonly startMs?: number;
  /** The camera's own size, if its video is scaled to the clip's size. */
  readonly camera?: { readonly width: number; readonly height: number };
  readonly silent?: boolean;
  /** Its sound track is digital silence. */
  readonly muted?: boolean;
  /** Default: one keyframe, at its start. */
  readonly keyframeSeconds?: number;
  readonly pixelFormat?: "yuv420p" | "yuv422p" | "yuv444p" | "yuv420p10le";
}

/** Encodes a clip to MPEG-TS with real ffmpeg, with the fastest preset that Owncast may use. */
export async function makeClip(options: ClipOptions): Promise<Buffer> {
  const { width, height, fps = 30, seconds = 1, bitrateKbps = 1000, shows = "camera", startMs = 0, silent } = options;
  const camera = options.camera ?? { width, height };
  const inputs = {
    camera: cameraInput({ ...camera, fps }),
    frozen: cameraInput({ ...camera, fps }),
    pattern: plainInput(`testsrc2=size=${width}x${height}:rate=${fps}`),
    black: plainInput(`color=black:size=${width}x${height}:rate=${fps}`),
  };
  const encoding = [
    ...["-map", "[picture]", ...(silent ? [] : ["-map", "1:a"]), "-t", `${seconds}`, "-s", `${width}x${height}`],
    ...[
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-tune",
      "zerolatency",
      "-pix_fmt",
      options.pixelFormat ?? "yuv420p",
      "-g",
      `${fps * (options.keyframeSeconds ?? seconds)}`,
    ],
    ...["-b:v", `${bitrateKbps}k`, "-maxrate", `${bitrateKbps}k`, "-bufsize", `${bitrateKbps}k`],
    ...(options.muted ? ["-af", "volume=0"] : []),
    ...["-c:a", "aac", "-f", "mpegts", "pipe:1"],
  ];
  const child = spawn(findProgram("ffmpeg"), ["-hide_banner", "-loglevel", "error", ...inputs[shows], ...encoding], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  if (shows === "camera" || shows === "frozen")
    for (let index = 0; index < fps * seconds; index++)
      child.stdin.write(encodeClock(Math.round(startMs + (shows === "frozen" ? 0 : (index * 1000) / fps))));
  child.stdin.end();
  return buffer(child.stdout);
}

/** A source that needs nothing on stdin, with the camera's tone and labels. */
const plainInput = (source: string): string[] => [
  ...["-f", "lavfi", "-i", source, "-f", "lavfi", "-i", "sine=sample_rate=48000"],
  ...["-filter_complex", "[0:v]null[picture]"],
];
