import { startPiped } from "../lib/child-process.ts";
import { isTimeout } from "../lib/error-cause.ts";
import { findProgram } from "../lib/programs.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import { blockBand, blockCount, decodeClock } from "./painted-clock.ts";

/** The content of a segment, after decoding every frame. */
export interface DecodedSegment {
  readonly width: number;
  readonly height: number;
  /** For each frame, the time that its clock shows, in ms since the epoch; undefined if no clock can be read. */
  readonly clocksMs: readonly (number | undefined)[];
  /** Whether there is sound, and it decodes. */
  readonly hasAudio: boolean;
  /** The loudest sample in dBFS, 0 at most; -Infinity is digital silence. Undefined without sound. */
  readonly loudestDbfs?: number | undefined;
  /** Mean brightness of all frames: 16 is black, 235 is white. */
  readonly meanLuma: number;
  /** The largest standard deviation of brightness within a frame: 0 is one plain colour. */
  readonly lumaSpread: number;
}

/** A segment that cannot be decoded; the message says why, for a person. */
export class SegmentError extends Error {
  override readonly name = "SegmentError";
}

/** Limits of a decoder. */
export interface DecodeOptions {
  /** After this time the decoder is killed; 60 s if left out. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

// One process with two outputs: the clock's blocks of every frame, and the sound, which is only measured.
const decoderArguments = [
  ...["-hide_banner", "-nostats", "-loglevel", "info", "-f", "mpegts", "-i", "pipe:0"],
  "-filter_complex",
  `[0:v:0]showinfo,crop=iw:ih*${blockBand.height}:0:ih*${blockBand.top},scale=${blockCount}:1:flags=area,format=gray[blocks]`,
  ...["-map", "[blocks]", "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"],
  ...["-map", "0:v:0", "-c:v", "copy", "-map", "0:a:0?", "-af", "volumedetect", "-f", "null", "-"],
];
// volumedetect reports this for samples that are all zero, as it counts in 16 bits.
const silenceDbfs = -91;

/** Decodes an MPEG-TS segment with ffmpeg, from memory. Throws SegmentError, or CliError 1 without ffmpeg. */
export async function decodeSegment(bytes: Buffer, options: DecodeOptions = {}): Promise<DecodedSegment> {
  const { timeoutSeconds = 60, signal } = options;
  const ffmpeg = findProgram("ffmpeg");
  const decoding = withinSeconds(timeoutSeconds, signal, (both) => decode(ffmpeg, bytes, both));
  const { blocks, log } = await decoding.catch((error: Error) => {
    if (signal?.aborted) throw error;
    throw new SegmentError(isTimeout(error) ? `not decoded within ${timeoutSeconds} s` : error.message, {
      cause: error,
    });
  });
  return describe(blocks, log);
}

async function decode(
  ffmpeg: string,
  segment: Buffer,
  signal: AbortSignal,
): Promise<{ readonly blocks: Buffer; readonly log: string }> {
  const child = await startPiped(ffmpeg, decoderArguments, { signal, killSignal: "SIGKILL" });
  const blocks: Buffer[] = [];
  const log: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => blocks.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => log.push(bytes));
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (_, by) => (by ? reject(new Error(`the decoder crashed (${by})`)) : resolve()));
    // A decoder that fails early closes its input.
    child.stdin.on("error", () => {});
    child.stdin.end(segment);
  });
  return { blocks: Buffer.concat(blocks), log: Buffer.concat(log).toString() };
}

/** Reads the blocks, and ffmpeg's log: a `showinfo` line for each frame, the amount of sound at the end. */
function describe(blocks: Buffer, log: string): DecodedSegment {
  const frames = log.split("\n").filter((line) => /showinfo.*\bn: *\d+/.test(line));
  const [, width, height] = /\bs:(\d+)x(\d+)/.exec(frames[0] ?? "") ?? [];
  const count = Math.floor(blocks.length / blockCount);
  if (width === undefined || height === undefined || count === 0) throw new SegmentError(lastWords(log));
  const means = frames.map((line) => Number(/\bmean:\[(\d+)/.exec(line)?.[1] ?? 0));
  const spreads = frames.map((line) => Number(/\bstdev:\[([\d.]+)/.exec(line)?.[1] ?? 0));
  const audioKilobytes = [...log.matchAll(/\baudio: *(\d+) *(?:kB|KiB)/g)].map(([, amount]) => Number(amount));
  return {
    width: Number(width),
    height: Number(height),
    clocksMs: Array.from({ length: count }, (_, index) =>
      decodeClock(blocks.subarray(index * blockCount, (index + 1) * blockCount)),
    ),
    hasAudio: Math.max(0, ...audioKilobytes) > 0,
    loudestDbfs: loudestOf(log),
    meanLuma: means.reduce((sum, mean) => sum + mean, 0) / means.length,
    lumaSpread: Math.max(...spreads),
  };
}

function loudestOf(log: string): number | undefined {
  const [, dbfs] = /\bmax_volume: (-?[\d.]+) dB/.exec(log) ?? [];
  if (dbfs === undefined) return undefined;
  return Number(dbfs) <= silenceDbfs ? Number.NEGATIVE_INFINITY : Number(dbfs);
}

function lastWords(log: string): string {
  const lines = log.trim().split("\n");
  const telling = lines.filter((line) => /error|invalid|no such|not find|matches no streams|missing/i.test(line));
  return (telling.at(0) ?? lines.at(-1) ?? "").replace(/^\[[^\]]*\] *|^pipe:0: */, "").trim() || "ffmpeg said nothing";
}
