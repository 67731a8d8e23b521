import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { findProgram } from "../../../src/lib/programs.ts";
import { FlvReader, type FlvTag, flvType } from "../../../src/media/flv.ts";

const audioKbps = 64;
// MPEG-TS packets around 3 Mbit/s of video and 64 kbit/s of sound.
const containerShare = 0.03;

/**
 * Encodes video whose segments all have the same size: at exactly this bitrate, container and sound included, with a keyframe each
 * second. A small frame and filler, so that it costs little processor time.
 */
export async function recordVideo(kbps: number, seconds: number): Promise<FlvTag[]> {
  const video = Math.round(kbps * (1 - containerShare) - audioKbps);
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000"];
  const encoding = [
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25"],
    ...["-b:v", `${video}k`, "-minrate", `${video}k`, "-maxrate", `${video}k`, "-bufsize", `${video}k`],
    ...["-x264-params", "nal-hrd=cbr:force-cfr=1:scenecut=0", "-c:a", "aac", "-b:a", `${audioKbps}k`],
  ];
  const command = ["-hide_banner", "-loglevel", "error", ...picture, "-t", `${seconds}`, ...encoding];
  const ffmpeg = spawn(findProgram("ffmpeg"), [...command, "-f", "flv", "pipe:1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new FlvReader().push(await buffer(ffmpeg.stdout));
}

/** A recording of `seconds` again and again, for `wholeSeconds`. It holds the media once. */
export function repeated(tags: readonly FlvTag[], seconds: number, wholeSeconds: number): FlvTag[] {
  const media = tags.filter(({ type, timestampMs }) => type !== flvType.script && timestampMs < seconds * 1000);
  const later = Array.from({ length: Math.ceil(wholeSeconds / seconds) - 1 }, (_, round) =>
    media.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + (round + 1) * seconds * 1000 })),
  );
  return [...tags, ...later.flat()];
}
