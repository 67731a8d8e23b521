import { clockFrame, stripHeightFraction } from "../media/painted-clock.ts";
import { type MediaFile, mediaInput } from "./media-file.ts";

/** What the synthetic camera sends. */
export interface CameraOptions {
  /** Picture size in pixels, both even. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Of the picture; the sound comes on top. */
  readonly bitrateKbps: number;
  /** Seconds between keyframes, whole; 1 when left out, which divides each of Owncast's segment lengths. */
  readonly keyframeSeconds?: number | undefined;
  /** False leaves the sound out altogether, as a camera without a microphone does. */
  readonly sound?: boolean;
  /** Plays this instead of pattern, clock and tone. */
  readonly media?: MediaFile | undefined;
}

const audioKbps = 128;

/** A bitrate for talks and slides at that size: 0.09 bits a pixel, in whole hundreds. */
export function usualBitrateKbps({ width, height, fps }: Pick<CameraOptions, "width" | "height" | "fps">): number {
  const kbps = (width * height * fps * 0.09) / 1000;
  return Math.min(20_000, Math.max(300, Math.round(kbps / 100) * 100));
}

/**
 * ffmpeg's arguments for inputs and filters: clock strips (`encodeClock`) on stdin become the bottom of a moving pattern,
 * with a tone that beeps every second. The strip's end ends all. Outputs are labelled `[picture]` and `1:a`; see `mediaInput` for a file.
 */
export function cameraInput({ width, height, fps, media }: Omit<CameraOptions, "bitrateKbps">): string[] {
  if (media) return mediaInput(media, { width, height, fps });
  // 4:2:0 wants even heights.
  const stripHeight = 2 * Math.round((height * stripHeightFraction) / 2);
  const pattern = `testsrc2=size=${width}x${height - stripHeight}:rate=${fps}`;
  const strip = `scale=${width}:${stripHeight}:flags=neighbor,format=yuv420p`;
  const graph = `${pattern},format=yuv420p[pattern];[0:v]${strip}[strip];[pattern][strip]vstack=shortest=1,setsar=1[picture]`;
  return [
    ...["-f", "rawvideo", "-pixel_format", "gray", "-video_size", `${clockFrame.width}x${clockFrame.height}`],
    ...["-framerate", `${fps}`, "-i", "pipe:0"],
    ...["-f", "lavfi", "-i", "sine=frequency=440:beep_factor=4:sample_rate=48000"],
    ...["-filter_complex", graph],
  ];
}

/** ffmpeg's arguments for the encoders: constant bitrate, and keyframes at even distances. */
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
