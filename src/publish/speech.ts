import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { fileFault, reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { findProgram } from "../lib/programs.ts";
import { readAtMost } from "../lib/small-file.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import { SpeechFault, sentencesOf } from "./speech-text.ts";
import { pcmOfWav } from "./wav.ts";

/** What a camera speaks instead of its tone. */
export interface Speech {
  readonly sentences: readonly string[];
  /** Start again after the last sentence. Otherwise the stream ends there. */
  readonly loop: boolean;
  /** The path of flite. */
  readonly voice: string;
  readonly speaker: Speaker;
}

/** A voice of flite: `rms` is a man's, `slt` a woman's. */
export type Speaker = "rms" | "slt";

// Of both, speech engines understand this one better (docs/captions-engines.md).
const usualSpeaker: Speaker = "rms";

/** The sound of the voice: signed 16 bit, little-endian. */
export const speechFormat = { sampleRate: 16_000, channels: 1 } as const;

/** Silence after each sentence, so that engines and listeners hear its end. */
export const pauseSeconds = 0.7;

/** A sentence in the camera's sound, in seconds since the start of the connection. */
export interface PlacedSentence {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

const mostBytes = 64 * 1024;
const bytesPerSample = 2;
const mostWavBytes = 16_000_000;
// flite needs about 0.2 s.
const spokenWithinSeconds = 60;
const badText = "give --speech a plain text file in English, with full stops";

/** Reads a text to speak. Throws CliError: 65 with the place of what cannot be spoken, 1 without flite. */
export async function readSpeech(file: string, loop: boolean): Promise<Speech> {
  const bytes = await readAtMost(file, mostBytes + 1).catch((error: unknown) => {
    throw new CliError(ExitCode.badInput, `${file}: it cannot be read (${fileFault(error)})`, badText);
  });
  if (bytes.length > mostBytes)
    throw new CliError(ExitCode.badInput, `${file}: expected at most ${mostBytes} bytes of text`, badText);
  return speechOf(bytes, { file, loop });
}

/** As `readSpeech`, for a text that is there already; `file` is its name in errors. */
export function speechOf(
  text: Uint8Array,
  {
    file,
    loop,
    speaker = usualSpeaker,
  }: { readonly file: string; readonly loop: boolean; readonly speaker?: Speaker | undefined },
): Speech {
  try {
    return { sentences: sentencesOf(text), loop, voice: findProgram("flite"), speaker };
  } catch (error) {
    if (!(error instanceof SpeechFault)) throw error;
    throw new CliError(ExitCode.badInput, `${file}:${error.line}:${error.column}: ${error.message}`, badText);
  }
}

/**
 * Speaks into `sink`, as fast as it reads, until the text has ended or `signal` aborts. `onPlaced` gets each sentence before its sound
 * is read. Throws CliError 1 if the voice fails; resolves if the reader is gone.
 */
export async function speakInto(
  sink: Writable,
  { sentences, loop, ...program }: Speech,
  { signal, onPlaced }: { readonly signal: AbortSignal; readonly onPlaced: (sentence: PlacedSentence) => void },
): Promise<void> {
  const pause = Buffer.alloc(pauseSeconds * speechFormat.sampleRate * bytesPerSample);
  let samples = 0;
  const put = async (sound: Buffer): Promise<void> => {
    samples += sound.length / bytesPerSample;
    if (!sink.write(sound)) await untilReadOrGone(sink, signal);
  };
  const isOver = () => signal.aborted || sink.destroyed;
  try {
    do {
      for (const text of sentences) {
        const sound = await voiceOf(program, text, signal);
        if (isOver()) return;
        const start = samples;
        const end = start + sound.length / bytesPerSample;
        onPlaced({
          text,
          startSeconds: start / speechFormat.sampleRate,
          endSeconds: end / speechFormat.sampleRate,
        });
        await put(Buffer.concat([sound, pause]));
      }
    } while (loop && !isOver());
  } catch (error) {
    if (!isOver()) throw error;
  } finally {
    sink.end();
  }
}

/** Resolves when the sink takes more, when it is closed, and when the signal aborts. */
async function untilReadOrGone(sink: Writable, outer: AbortSignal): Promise<void> {
  if (sink.destroyed) return;
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  await Promise.race(["drain", "close"].map((event) => once(sink, event, { signal }))).catch(() => {});
  over.abort();
}

type Voice = Pick<Speech, "voice" | "speaker">;

/** A sentence's sound by flite, without a shell. */
async function voiceOf(voice: Voice, text: string, outer: AbortSignal): Promise<Buffer> {
  try {
    const file = await openNamelessFile();
    try {
      await withinSeconds(spokenWithinSeconds, outer, (signal) => runVoice(voice, text, { file, signal }));
      const { size } = await file.stat();
      if (size > mostWavBytes) throw new Error(`it wrote ${size} bytes`);
      const wav = Buffer.alloc(size);
      const { bytesRead } = await file.read(wav, 0, size, 0);
      return pcmOfWav(wav.subarray(0, bytesRead), speechFormat);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CliError(
      ExitCode.failed,
      `the voice (flite) cannot speak ${JSON.stringify(text.slice(0, 60))}: ${reasonOf(error)}`,
      `does \`flite -voice ${voice.speaker} -t Hello -o none\` work? Set FLITE to another flite`,
      { cause: error },
    );
  }
}

/** A temporary file whose name is gone, so that nothing is left of it, however this process ends. */
async function openNamelessFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `lectern-voice-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}

async function runVoice(
  { voice, speaker }: Voice,
  text: string,
  { file, signal }: { readonly file: FileHandle; readonly signal: AbortSignal },
): Promise<void> {
  // flite opens /dev/stdout by its name. That works with a file, and not with Node's pipes, which are sockets.
  const child = spawn(voice, ["-voice", speaker, "-t", text, "-o", "/dev/stdout"], {
    ...{ signal, killSignal: "SIGKILL", stdio: ["ignore", file.fd, "ignore"] },
    // As with the encoder, the terminal's Ctrl-C must not end it.
    detached: true,
  });
  const [code, killedBy] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`it ended with ${killedBy ?? `exit ${code}`}`);
}
