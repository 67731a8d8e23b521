import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { findProgram } from "../lib/programs.ts";
import { FlvReader, isFrame } from "../media/flv.ts";
import { encodeClock } from "../media/painted-clock.ts";
import { type Ingest, openIngest } from "../media/rtmp/rtmp-ingest.ts";
import type { RtmpTarget } from "../media/rtmp/rtmp-target.ts";
import { type CameraOptions, type Encoder, noEncoder, startEncoder } from "./encoder.ts";
import { paceFrames } from "./frame-pacer.ts";
import { speakInto } from "./speech.ts";
import { type SpokenSentence, SpokenTimes } from "./spoken-times.ts";
import { StreamMeter, type StreamStats } from "./stream-meter.ts";

/** The stream to publish, and its server. */
export interface PublisherOptions extends CameraOptions {
  /** See `parseRtmpUrl`. */
  readonly target: RtmpTarget;
  /** See `readStreamKey`. It is sent to the server only: never to other processes, files or errors. */
  readonly streamKey: string;
  /** Ends so long after the first frame was sent; if left out, it goes on until stopped. */
  readonly durationSeconds?: number | undefined;
  /** Time limit for the server to accept the stream; 15 s if left out. */
  readonly connectTimeoutSeconds?: number | undefined;
  /** Gets each sentence of `speech` once it is spoken. Each connection starts with the first sentence. */
  readonly onSpoken?: ((sentence: SpokenSentence) => void) | undefined;
}

/** A stream was on air and ended unexpectedly: CliError 1. */
export class StreamLost extends CliError {}

/** A synthetic camera on air. */
export interface Publisher {
  /** Resolves when the server has accepted the stream and the first frame is sent. Rejects as `finished` does, or with CliError 1 if stopped before. */
  readonly started: Promise<void>;
  /**
   * Resolves when stopped, or at the end of the duration, or of a media file or speech that is played once. Rejects with CliError: 69 if the
   * server cannot be reached, 77 if it refuses the stream, 1 if the encoder fails; with StreamLost if the stream is lost on air.
   */
  readonly finished: Promise<StreamStats>;
  stats(): StreamStats;
  /** Ends the stream properly, within 3 s. Resolves when no process is left. Never rejects. */
  stop(): Promise<void>;
}

const defaultConnectSeconds = 15;
const stopWithinMs = 3000;
const lastWordsMs = 500;
// With more seconds of frames between encoder and network, the stream would lag behind its own clock.
const backlogSeconds = 1;

/**
 * Starts a camera over RTMP: a moving pattern with a clock and a tone or speech, or a media file. It connects once; `startBroadcast`
 * reconnects. Aborting `signal` is `stop()`.
 */
export function startPublisher(options: PublisherOptions, { signal }: { signal?: AbortSignal } = {}): Publisher {
  const meter = new StreamMeter(options.fps);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  let onStarted = () => {};
  const flowing = new Promise<void>((resolve) => {
    onStarted = resolve;
  });
  let timer: NodeJS.Timeout | undefined;
  const finished = broadcast(options, meter, stopping.signal, () => {
    onStarted();
    if (options.durationSeconds !== undefined) timer = setTimeout(stop, options.durationSeconds * 1000);
  }).finally(() => {
    meter.end();
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  });
  const stats = finished.then(() => meter.stats());
  const neverStarted = finished.then(() => {
    throw new CliError(ExitCode.failed, `${options.target.address}: stopped before the server accepted the stream`);
  });
  const started = Promise.race([flowing, neverStarted]);
  // A caller may use only one of them; the others' rejections must not end the process.
  for (const promise of [stats, started, neverStarted]) promise.catch(() => {});
  return {
    started,
    finished: stats,
    stats: () => meter.stats(),
    async stop() {
      stop();
      await finished.catch(() => {});
    },
  };
}

/** Connects, encodes and sends until aborted. Leaves no process and no connection behind. */
async function broadcast(
  options: PublisherOptions,
  meter: StreamMeter,
  signal: AbortSignal,
  onStarted: () => void,
): Promise<void> {
  const { target, streamKey, connectTimeoutSeconds: timeoutSeconds = defaultConnectSeconds } = options;
  // First of all: without ffmpeg, the stage must not show a stream.
  const ffmpeg = findProgram("ffmpeg");
  const over = new AbortController();
  let ingest: Ingest | undefined;
  let encoder: Encoder | undefined;
  try {
    if (signal.aborted) return;
    ingest = await openIngest({ target, streamKey, timeoutSeconds, signal });
    encoder = await startEncoder(ffmpeg, options);
    await Promise.race([
      film(options, encoder, ingest, meter, AbortSignal.any([signal, over.signal]), onStarted),
      ingest.lost,
      overdue(signal),
    ]);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof CliError) throw error;
    // A failed write may come before the server's last message is read.
    if (ingest) await Promise.race([ingest.lost, sleep(lastWordsMs)]).catch(() => {});
    throw streamLost(target, meter, error, ingest?.lastWords());
  } finally {
    over.abort();
    encoder?.kill();
    await encoder?.ended;
    await ingest?.end();
  }
}

/** Feeds the encoder and sends its output. Resolves when the stream has ended as wished. Throws if the encoder fails. */
async function film(
  { fps, media, speech, onSpoken = () => {} }: PublisherOptions,
  encoder: Encoder,
  ingest: Ingest,
  meter: StreamMeter,
  signal: AbortSignal,
  onStarted: () => void,
): Promise<void> {
  const times = new SpokenTimes(fps, onSpoken);
  const speaking =
    speech && encoder.sound
      ? speakInto(encoder.sound, speech, { signal, onPlaced: (sentence) => times.place(sentence) })
      : Promise.resolve();
  // Without its voice the encoder would wait for sound for ever.
  speaking.catch((error: Error) => encoder.output.destroy(error));
  // ffmpeg itself paces a media file.
  const strips = media
    ? Promise.resolve()
    : paceFrames({
        fps,
        frame: (timeMs) => {
          times.frame(timeMs);
          return encodeClock(timeMs);
        },
        sink: encoder.input,
        isBehind: (written) => written - meter.frames > fps * backlogSeconds,
        onSkip: (frames) => meter.skip(frames),
        signal,
      });
  const paced = strips.finally(() => encoder.input.end());
  const reader = new FlvReader();
  for await (const bytes of encoder.output as AsyncIterable<Buffer>)
    for (const tag of reader.push(bytes)) {
      await ingest.send(tag);
      meter.count(tag);
      if (meter.frames === 1 && isFrame(tag)) onStarted();
    }
  const { clean, how } = await encoder.ended;
  if (!signal.aborted) await speaking;
  const isPlayed = (media ?? speech)?.loop === false && clean && meter.frames > 0;
  if (!signal.aborted && !isPlayed) throw new CliError(ExitCode.failed, `the encoder (ffmpeg) ${how}`, noEncoder);
  await paced;
}

const streamLost = (
  { address }: RtmpTarget,
  meter: StreamMeter,
  cause: unknown,
  words: string | undefined,
): StreamLost =>
  new StreamLost(
    ExitCode.failed,
    `${address}: the stream ended after ${meter.stats().seconds.toFixed(1)} s: ${words ?? reasonOf(cause)}`,
    words === undefined
      ? "run `lectern status` on the server: it shows Owncast's last log lines; then publish again"
      : "correct that, then publish again",
    { cause },
  );

/** Resolves if a stop takes too long. */
const overdue = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => setTimeout(resolve, stopWithinMs).unref(), { once: true });
  });
