import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { findProgram } from "../../../src/lib/programs.ts";
import { FlvReader, type FlvTag } from "../../../src/media/flv.ts";
import { clockFrame, encodeClock, stripHeightFraction } from "../../../src/media/painted-clock.ts";
import { cameraEncoding } from "../../../src/publish/encoder.ts";

const camera = { width: 512, height: 288, fps: 25, bitrateKbps: 5000 } as const;

/**
 * Encodes video with the camera's clock in it, which starts at 0 ms, and with so much noise that each encoder after it fills its
 * bitrate.
 */
export async function recordClock(seconds: number): Promise<FlvTag[]> {
  const { width, height, fps } = camera;
  const stripHeight = 2 * Math.round((height * stripHeightFraction) / 2);
  const noise = `testsrc2=size=${width}x${height - stripHeight}:rate=${fps},noise=alls=40:allf=t,format=yuv420p[noise]`;
  const strip = `[0:v]scale=${width}:${stripHeight}:flags=neighbor,format=yuv420p[strip]`;
  const command = [
    ...["-hide_banner", "-loglevel", "error", "-f", "rawvideo", "-pixel_format", "gray"],
    ...["-video_size", `${clockFrame.width}x${clockFrame.height}`, "-framerate", `${fps}`, "-i", "pipe:0"],
    ...["-f", "lavfi", "-i", "sine=sample_rate=48000"],
    ...["-filter_complex", `${noise};${strip};[noise][strip]vstack=shortest=1,setsar=1[picture]`],
    ...[...cameraEncoding(camera), "-f", "flv", "pipe:1"],
  ];
  const ffmpeg = spawn(findProgram("ffmpeg"), command, { stdio: ["pipe", "pipe", "inherit"] });
  const frames = Array.from({ length: seconds * fps }, (_, frame) => encodeClock(Math.round((frame * 1000) / fps)));
  // If it ends early, it says why, and the recording is too short to be a stream.
  ffmpeg.stdin.on("error", () => {}).end(Buffer.concat(frames));
  return new FlvReader().push(await buffer(ffmpeg.stdout));
}
