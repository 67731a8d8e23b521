import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { silence } from "./spoken-text.ts";

/** Sounds without speech. Applause and music are files of Debian's package frozen-bubble-data. */
export const quietSounds = {
  silence: [],
  applause: ["applause.ogg"],
  music: ["frozen-mainzik-1p.ogg", "frozen-mainzik-2p.ogg", "introzik.ogg"],
} as const;
export type QuietSound = keyof typeof quietSounds;

const bytesPerSecond = 32_000;
const longestBytes = 40_000_000;

/** A sound of this length, its files played one after the other and again: signed 16 bit, mono, 16,000 samples a second. */
export async function soundOf(kind: QuietSound, seconds: number): Promise<Buffer> {
  const whole = silence(seconds);
  if (kind === "silence") return whole;
  const files = await Promise.all(quietSounds[kind].map((file) => soundFile(join(process.env.SOUNDS ?? "", file))));
  const all = Buffer.concat(files);
  for (let at = 0; at < whole.length; at += all.length) all.copy(whole, at);
  return whole;
}

/** The sound of a file, in the same form. Rejects if ffmpeg cannot read it, or if it is longer than 20 minutes. */
export async function soundFile(path: string): Promise<Buffer> {
  const args = ["-v", "error", "-i", path, "-ac", "1", "-ar", "16000", "-f", "s16le", "-"];
  const { stdout } = await promisify(execFile)(process.env.FFMPEG ?? "ffmpeg", args, {
    encoding: "buffer",
    maxBuffer: longestBytes,
  });
  return stdout;
}

/** Speech over a sound. `decibels`: how much louder the speech is, by root mean square over both as a whole. */
export function over(speech: Buffer, sound: Buffer, decibels: number): Buffer {
  const scale = loudness(speech) / loudness(sound.subarray(0, speech.length)) / 10 ** (decibels / 20);
  const mixed = Buffer.alloc(speech.length);
  for (let at = 0; at < speech.length; at += 2) {
    const sum = speech.readInt16LE(at) + Math.round(sound.readInt16LE(at) * scale);
    mixed.writeInt16LE(Math.max(-32_768, Math.min(32_767, sum)), at);
  }
  return mixed;
}

/** Root mean square. */
function loudness(pcm: Buffer): number {
  let sum = 0;
  for (let at = 0; at < pcm.length; at += 2) sum += pcm.readInt16LE(at) ** 2;
  return Math.sqrt(sum / Math.max(1, pcm.length / 2));
}

/** Seconds of a piece of sound. */
export const secondsOf = (pcm: Buffer): number => pcm.length / bytesPerSecond;
