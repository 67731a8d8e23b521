import { HeldSound } from "./held-sound.ts";
import { SoundClock } from "./sound-clock.ts";
import type { CaptionSource, Segment, StageSeconds, TimedWord } from "./source.ts";
import { type SpeechClient, startSpeechClient } from "./speech-client.ts";
import { StageClock } from "./stage-clock.ts";

/** What `speech` servers take. */
export const soundRate = 16_000;
/** An interpreter's program may reconnect, and interpreters take turns. */
const graceMs = 30_000;
const pauseMs = 2000;
/** Without a new segment for so long, nobody is on air, and what an interpreter says is nobody's business. */
const offAirAfterMs = 30_000;
/** A stream's first segment is listed some time after its picture was made. */
const mostHeldSamples = 30 * soundRate;
/** What is said while the camera is gone for a moment belongs to its next picture. */
const mostLossSeconds = 10;

/** Where an interpreter's sound goes: 16 kHz, mono, signed 16 bit, little-endian, in whole samples. */
export interface InterpreterInput {
  /** A connection begins. Sound of the one before that is not decoded will not come any more. */
  begin(): void;
  /** So many samples, at 16 kHz, have arrived at the wall-clock time `atMs`; `hear` brings them after they are decoded, in order. */
  arrived(samples: number, atMs: number): void;
  hear(pcm: Buffer): void;
}

/** A track that hears an interpreter. */
export interface InterpreterSource extends CaptionSource {
  readonly input: InterpreterInput;
  /** For status and metrics. */
  readonly client: Pick<SpeechClient, "figures">;
}

export interface InterpreterSourceOptions {
  readonly language: string;
  /** A server of Vosk's protocol that understands the interpreter's language. */
  readonly speech: string;
  readonly favour: readonly string[];
  readonly say: (line: string) => void;
  /** Ms since the epoch. */
  readonly now?: () => number;
}

/** Starts a track whose words an interpreter says. It is ready while one is connected, or has been in the last 30 s. */
export function startInterpreterSource({
  speech,
  language,
  favour,
  say,
  now,
}: InterpreterSourceOptions): InterpreterSource {
  return new HeardInterpreter(startSpeechClient({ address: speech, language, favour, say }), now);
}

/** The track over a client; tests give their own one. */
export class HeardInterpreter implements InterpreterSource {
  readonly input: InterpreterInput;
  readonly client: SpeechClient;
  readonly #now: () => number;
  #stage = new StageClock();
  readonly #sound = new SoundClock(soundRate);
  readonly #held = new HeldSound();
  #sentSamples = 0;
  #listedMs = Number.NEGATIVE_INFINITY;
  #arrivedMs = Number.NEGATIVE_INFINITY;

  constructor(client: SpeechClient, now: () => number = Date.now) {
    this.client = client;
    this.#now = now;
    this.input = {
      begin: () => this.#sound.restart(this.#sentSamples + this.#held.samples),
      arrived: (samples, atMs) => {
        this.#arrivedMs = this.#now();
        this.#sound.arrived(samples, atMs);
      },
      hear: (pcm) => {
        if (this.#isOnAir) return this.#send(pcm);
        this.#held.add(pcm);
        this.#forget(this.#held.samples - mostHeldSamples);
      },
    };
  }

  get isReady(): boolean {
    return this.fault === undefined;
  }

  get fault(): string | undefined {
    if (this.#now() - this.#arrivedMs > graceMs) return "no interpreter is connected";
    return this.client.fault;
  }

  hear(segment: Segment): void {
    const now = this.#now();
    // Without a date nobody can tell how long the camera was gone.
    if (!this.#isOnAir && segment.madeAtMs === undefined) this.#stage = new StageClock();
    const madeAtMs = this.#stage.hear(segment, now);
    this.#listedMs = now;
    if (this.#held.samples === 0) return;
    this.#forget(this.#sound.sampleAt(madeAtMs) - this.#sentSamples);
    this.#send(this.#held.take());
  }

  /** Words that are not settled belong to sound that has come; sound that is still to come belongs to later pictures. */
  settled(): StageSeconds {
    const { settledSample } = this.client.heard();
    const isSilent = this.#now() - this.#arrivedMs > pauseMs;
    const isAll = settledSample >= this.#sound.samples;
    // Sound that begins again is at most so late.
    const settledMs = isAll && isSilent ? this.#now() - pauseMs : this.#sound.timeOf(settledSample);
    return (settledMs === undefined ? undefined : this.#stage.stageAt(settledMs)) ?? Number.NEGATIVE_INFINITY;
  }

  commit(segment: Segment): readonly TimedWord[] {
    return this.client.takeWords(this.#samplesBefore(segment.end)).flatMap(({ text, startSample, endSample }) => {
      const [startMs, endMs] = [this.#sound.timeOf(startSample), this.#sound.timeOf(endSample)];
      if (startMs === undefined || endMs === undefined || this.#stage.gapSecondsAt(startMs) > mostLossSeconds)
        return [];
      const [start, end] = [this.#stage.stageAt(startMs), this.#stage.stageAt(endMs)];
      return start === undefined || end === undefined ? [] : [{ text, start, end }];
    });
  }

  endSession(): void {
    this.#stage = new StageClock();
    this.#listedMs = Number.NEGATIVE_INFINITY;
  }

  async stop(): Promise<void> {
    this.client.stop();
  }

  get #isOnAir(): boolean {
    return this.#now() - this.#listedMs <= offAirAfterMs;
  }

  #send(pcm: Buffer): void {
    this.#sentSamples += pcm.length / 2;
    this.client.send(pcm);
  }

  /** So much of the oldest sound that is held belongs to no picture. */
  #forget(samples: number): void {
    const dropped = this.#held.drop(samples);
    if (dropped > 0) this.#sound.cut(this.#sentSamples, dropped);
  }

  /** How much sound belongs to the picture before a time. */
  #samplesBefore(end: StageSeconds): number {
    const endMs = this.#stage.wallAt(end);
    return endMs === undefined ? 0 : this.#sound.sampleAt(endMs);
  }
}
