import type { Readable, Writable } from "node:stream";
import { startPiped } from "../lib/child-process.ts";
import { reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { clockFrame, stripHeightFraction } from "../media/painted-clock.ts";
import { type MediaFile, mediaInput } from "./media-file.ts";
import { type Speech, speechFormat } from "./speech.ts";

/** The format of the synthetic camera. */
export interface CameraOptions {
  /** Frame size in pixels, both even. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Of the video, without sound. */
  readonly bitrateKbps: number;
  /** Whole seconds between keyframes; 1 if left out, which divides each of Owncast's segment lengths. */
  readonly keyframeSeconds?: number | undefined;
  /** False: no sound track, as with a camera without a microphone. */
  readonly sound?: boolean;
  /** Played instead of pattern, clock and tone. */
  readonly media?: MediaFile | undefined;
  /** Spoken over pattern and clock, instead of the tone. */
  readonly speech?: Speech | undefined;
}

/** The end of an encoder. */
export interface EncoderEnd {
  /** It encoded everything. */
  readonly clean: boolean;
  /** For a person, with the end of what it printed. */
  readonly how: string;
}

/** ffmpeg as the synthetic camera: clock strips in (none for a media file), FLV out. It never gets the server's address or key. */
export interface Encoder {
  readonly pid: number | undefined;
  readonly input: Writable;
  /** Takes the sound of a camera that speaks, in `speechFormat`; undefined for others. */
  readonly sound: Writable | undefined;
  readonly output: Readable;
  /** Never rejects. */
  readonly ended: Promise<EncoderEnd>;
  kill(): void;
}

const keptCharacters = 2000;
const audioKbps = 128;
const soundPipe = 3;
const spokenSound = [
  ...["-f", "s16le", "-ar", `${speechFormat.sampleRate}`, "-ac", `${speechFormat.channels}`],
  ...["-i", `pipe:${soundPipe}`],
];
/** The remedy if it does not work. */
export const noEncoder = "does it have the x264 encoder? Set FFMPEG to another ffmpeg";

/**
 * Starts ffmpeg, by its path. It exits when `input` ends or `output` is closed, so it never outlives this process.
 * Throws CliError 1 if it cannot be started.
 */
export async function startEncoder(ffmpeg: string, camera: CameraOptions): Promise<Encoder> {
  const quiet = ["-hide_banner", "-nostats", "-loglevel", "error"];
  const output = [...cameraEncoding(camera), "-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1"];
  const child = await startPiped(ffmpeg, [...quiet, ...cameraInput(camera), ...output], {
    // Ctrl-C reaches every process of the terminal's group. The encoder must go on, so that the stream can end properly.
    detached: true,
    morePipes: camera.speech ? 1 : 0,
  }).catch((error: unknown) => {
    throw new CliError(ExitCode.failed, `the encoder (ffmpeg) cannot be started: ${reasonOf(error)}`, noEncoder);
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-keptCharacters);
  });
  // An encoder that has just exited; `ended` reports it.
  const sound = camera.speech ? (child.stdio[soundPipe] as Writable | null | undefined) : undefined;
  for (const pipe of [child.stdin, sound]) pipe?.on("error", () => {});
  const ended = new Promise<EncoderEnd>((resolve) => {
    child.once("error", (error) => resolve({ clean: false, how: `failed: ${error.message}` }));
    child.once("close", (code, signal) => {
      const said = words.trim();
      resolve({ clean: code === 0, how: `ended by itself (${signal ?? `exit ${code}`})${said ? `: ${said}` : ""}` });
    });
  });
  const kill = () => {
    child.kill("SIGKILL");
    // With unread output, `close` would never come.
    child.stdout.destroy();
    sound?.destroy();
  };
  return { pid: child.pid, input: child.stdin, sound: sound ?? undefined, output: child.stdout, ended, kill };
}

/**
 * ffmpeg's arguments for inputs and filters: clock strips (`encodeClock`) on stdin become the bottom of a moving pattern, with a
 * tone that beeps every second, or with speech. The outputs are `[picture]` and `1:a`; see `mediaInput` for a file.
 */
export function cameraInput({ width, height, fps, media, speech }: Omit<CameraOptions, "bitrateKbps">): string[] {
  if (media) return mediaInput(media, { width, height, fps });
  // 4:2:0 needs even heights.
  const stripHeight = 2 * Math.round((height * stripHeightFraction) / 2);
  const pattern = `testsrc2=size=${width}x${height - stripHeight}:rate=${fps}`;
  const strip = `scale=${width}:${stripHeight}:flags=neighbor,format=yuv420p`;
  const graph = `${pattern},format=yuv420p[pattern];[0:v]${strip}[strip];[pattern][strip]vstack=shortest=1,setsar=1[picture]`;
  return [
    ...["-f", "rawvideo", "-pixel_format", "gray", "-video_size", `${clockFrame.width}x${clockFrame.height}`],
    ...["-framerate", `${fps}`, "-i", "pipe:0"],
    ...(speech ? spokenSound : ["-f", "lavfi", "-i", "sine=frequency=440:beep_factor=4:sample_rate=48000"]),
    ...["-filter_complex", graph],
  ];
}

/** ffmpeg's arguments for the encoders: constant bitrate, keyframes at equal distances. */
export function cameraEncoding(camera: Omit<CameraOptions, "width" | "height">): string[] {
  const { fps, bitrateKbps, keyframeSeconds = 1, sound = true, media } = camera;
  const keyframeEvery = `${fps * keyframeSeconds}`;
  return [
    ...["-map", "[picture]", "-shortest"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
    ...["-g", keyframeEvery, "-keyint_min", keyframeEvery, "-sc_threshold", "0"],
    ...["-b:v", `${bitrateKbps}k`, "-maxrate", `${bitrateKbps}k`, "-bufsize", `${bitrateKbps}k`],
    ...(sound
      ? ["-map", media?.hasSound ? "0:a:0" : "1:a", "-c:a", "aac", "-ac", "2", "-ar", "48000", "-b:a", `${audioKbps}k`]
      : []),
  ];
}
