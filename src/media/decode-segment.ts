import { startPiped } from "../lib/child-process.ts";
import { isTimeout } from "../lib/error-cause.ts";
import { findProgram } from "../lib/programs.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import { blockBand, blockCount, decodeClock } from "./painted-clock.ts";

/** What a segment shows and plays, after decoding every picture of it. */
export interface DecodedSegment {
  readonly width: number;
  readonly height: number;
  /** For each picture in order, the time that its clock shows, in ms since the epoch; undefined where none is readable. */
  readonly clocksMs: readonly (number | undefined)[];
  /** Whether there is sound that decodes. */
  readonly hasAudio: boolean;
  /** The loudest sample in dBFS, 0 at most; -Infinity is digital silence. Undefined without sound. */
  readonly loudestDbfs?: number | undefined;
  /** Mean brightness over all pictures: 16 is black, 235 white. */
  readonly meanLuma: number;
  /** The widest spread of brightness (standard deviation) within any picture: 0 is one plain colour. */
  readonly lumaSpread: number;
}

/** A segment that cannot be decoded; the message says why, for a person. */
export class SegmentError extends Error {
  override readonly name = "SegmentError";
}

/** Limits of a decoder. */
export interface DecodeOptions {
  /** A decoder that takes longer is ended; 60 when left out. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

// One process, two outputs: the clock's blocks of every picture, and all sound, which is decoded, measured and dropped.
const decoderArguments = [
  ...["-hide_banner", "-nostats", "-loglevel", "info", "-f", "mpegts", "-i", "pipe:0"],
  "-filter_complex",
  `[0:v:0]showinfo,crop=iw:ih*${blockBand.height}:0:ih*${blockBand.top},scale=${blockCount}:1:flags=area,format=gray[blocks]`,
  ...["-map", "[blocks]", "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"],
  ...["-map", "0:v:0", "-c:v", "copy", "-map", "0:a:0?", "-af", "volumedetect", "-f", "null", "-"],
];
// What volumedetect says of samples that are all zero: it counts in 16 bits.
const silenceDbfs = -91;

/** Decodes an MPEG-TS segment with ffmpeg, from memory. Throws SegmentError, or CliError (1) when there is no ffmpeg. */
export async function decodeSegment(bytes: Buffer, options: DecodeOptions = {}): Promise<DecodedSegment> {
  const { timeoutSeconds = 60, signal } = options;
  const ffmpeg = findProgram("ffmpeg");
  const { blocks, log } = await withinSeconds(timeoutSeconds, signal, (limit) => decode(ffmpeg, bytes, limit)).catch(
    (error: Error) => {
      if (signal?.aborted) throw error;
      throw new SegmentError(isTimeout(error) ? `not decoded within ${timeoutSeconds} s` : error.message, {
        cause: error,
      });
    },
  );
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
    // A decoder that gives up early closes its input.
    child.stdin.on("error", () => {});
    child.stdin.end(segment);
  });
  return { blocks: Buffer.concat(blocks), log: Buffer.concat(log).toString() };
}

/** Reads ffmpeg's report (a `showinfo` line for each picture, the amount of sound at the end) beside the blocks. */
function describe(blocks: Buffer, log: string): DecodedSegment {
  const pictures = log.split("\n").filter((line) => /showinfo.*\bn: *\d+/.test(line));
  const [, width, height] = /\bs:(\d+)x(\d+)/.exec(pictures[0] ?? "") ?? [];
  const count = Math.floor(blocks.length / blockCount);
  if (width === undefined || height === undefined || count === 0) throw new SegmentError(lastWords(log));
  const means = pictures.map((line) => Number(/\bmean:\[(\d+)/.exec(line)?.[1] ?? 0));
  const spreads = pictures.map((line) => Number(/\bstdev:\[([\d.]+)/.exec(line)?.[1] ?? 0));
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
