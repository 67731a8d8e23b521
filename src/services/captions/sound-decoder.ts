import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, type PipedProcess, startPiped } from "../../lib/child-process.ts";
import { soundRate } from "./interpreter-source.ts";

/** A few seconds of AAC that ffmpeg has not taken. */
const mostWaitingBytes = 64 * 1024;
const wordBytes = 2;
const lastWordsMs = 2000;

/** Decodes one interpreter's AAC, as it comes. */
export interface SoundDecoder {
  /** Takes ADTS frames; false if the decoder is too slow and they are dropped. */
  take(frames: Buffer): boolean;
  /** Resolves to the reason when the decoder has ended by itself. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Starts ffmpeg, which writes 16 kHz mono to `hear` in whole samples. Rejects with the system's reason. */
export async function startDecoder(ffmpeg: string, hear: (pcm: Buffer) => void): Promise<SoundDecoder> {
  // Otherwise ffmpeg first collects seconds of sound to guess at what it is. (`-fflags nobuffer` would drop what it has read by then.)
  const hurry = ["-probesize", "32", "-analyzeduration", "0"];
  const input = ["-protocol_whitelist", "pipe", "-threads", "1", "-f", "aac", "-i", "pipe:0"];
  const output = [
    "-map",
    "0:a:0",
    "-ac",
    "1",
    "-ar",
    `${soundRate}`,
    "-c:a",
    "pcm_s16le",
    "-flush_packets",
    "1",
    "-f",
    "s16le",
    "pipe:1",
  ];
  const child = await startPiped(ffmpeg, [
    "-hide_banner",
    "-nostats",
    "-loglevel",
    "quiet",
    ...hurry,
    ...input,
    ...output,
  ]);
  return new Ffmpeg(child, hear);
}

class Ffmpeg implements SoundDecoder {
  readonly ended: Promise<string>;
  readonly #child: PipedProcess;
  #half: Buffer = Buffer.alloc(0);

  constructor(child: PipedProcess, hear: (pcm: Buffer) => void) {
    this.#child = child;
    child.stderr.resume();
    child.stdin.on("error", () => {});
    child.stdout.on("data", (part: Buffer) => {
      const all = this.#half.length === 0 ? part : Buffer.concat([this.#half, part]);
      const whole = all.length - (all.length % wordBytes);
      this.#half = Buffer.from(all.subarray(whole));
      if (whole > 0) hear(all.subarray(0, whole));
    });
    this.ended = new Promise((resolve) => {
      child.on("error", ({ message }) => resolve(message));
      child.once("close", (code, signal) => resolve(`ffmpeg ended with ${signal ?? `code ${code}`}`));
    });
  }

  take(frames: Buffer): boolean {
    if (this.#child.stdin.destroyed || this.#child.stdin.writableLength > mostWaitingBytes) return false;
    this.#child.stdin.write(frames);
    return true;
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    // It first decodes what it has.
    const patience = new AbortController();
    await Promise.race([this.ended, sleep(lastWordsMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    await endProcess(this.#child);
  }
}
