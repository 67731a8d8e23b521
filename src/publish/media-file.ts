import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { startPiped } from "../lib/child-process.ts";
import { reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { findProgram } from "../lib/programs.ts";

/** A media file to publish instead of the test pattern. */
export interface MediaFile {
  /** Absolute. */
  readonly path: string;
  /** Without sound, silence is sent, since Owncast needs a sound track. */
  readonly hasSound: boolean;
  /** Restart at the end of the file. Otherwise the stream ends there. */
  readonly loop: boolean;
}

/** Reads which streams a media file has. Throws CliError 65 if it is missing or has no video, 1 without ffmpeg. */
export async function inspectMedia(file: string, loop: boolean): Promise<MediaFile> {
  const refuse = (why: string) =>
    new CliError(ExitCode.badInput, `${file}: ${why}`, "give --file a video that ffmpeg can read, such as an .mp4");
  const found = await stat(file).catch(() => undefined);
  if (!found) throw refuse("no such file, or it may not be read");
  if (!found.isFile()) throw refuse("is not a file");
  const path = resolve(file);
  const ffmpeg = findProgram("ffmpeg");
  // ffmpeg lists the streams, then always fails because no output is named.
  const report = await wordsOf(ffmpeg, ["-hide_banner", "-i", `file:${path}`]).catch((error: unknown) => {
    throw new CliError(ExitCode.failed, `${ffmpeg} cannot be started: ${reasonOf(error)}`);
  });
  const streams = report.split("\n").filter((line) => /^\s*Stream #0:/.test(line));
  if (!streams.some((line) => line.includes(" Video: "))) throw refuse("has no video that ffmpeg can read");
  return { path, hasSound: streams.some((line) => line.includes(" Audio: ")), loop };
}

async function wordsOf(program: string, args: readonly string[]): Promise<string> {
  const { stdin, stdout, stderr } = await startPiped(program, args);
  stdin.on("error", () => {}).end();
  stdout.resume();
  return text(stderr);
}

/**
 * ffmpeg's arguments for inputs and filters: the file at its own speed, its video scaled into the frame with black edges. The
 * outputs are `[picture]` and `0:a:0`, or `1:a` (silence) if the file has no sound.
 */
export function mediaInput(
  { path, hasSound, loop }: MediaFile,
  { width, height, fps }: { readonly width: number; readonly height: number; readonly fps: number },
): string[] {
  const frame = `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2`;
  const edges = `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`;
  return [
    ...["-re", ...(loop ? ["-stream_loop", "-1"] : []), "-i", `file:${path}`],
    ...(hasSound ? [] : ["-f", "lavfi", "-i", "anullsrc=sample_rate=48000:channel_layout=stereo"]),
    ...["-filter_complex", `[0:v:0]fps=${fps},${frame},${edges},setsar=1,format=yuv420p[picture]`],
  ];
}
