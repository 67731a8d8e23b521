import { decodeSound } from "../../media/decode-sound.ts";
import { encodeFlv, type FlvTag } from "../../media/flv.ts";

const sampleMs = 1000;
// One second of AAC at 96 kHz.
const mostTags = 100;
const mostBytes = 64 * 1024;
const timeoutMs = 5000;
const everyMs = { usual: 10_000, watched: 2000 } as const;
const watchedForMs = 10_000;
const judgedMs = 30_000;
const judgedSamples = 3;
const mostFailures = 5;
const aacSetUp = 0;
// A few seconds of six channels, decoded.
const mostPcmBytes = 4 * 1024 * 1024;
const fullScale = 32_768;

export interface SoundMeterOptions {
  /** ffmpeg's path; undefined: nothing is measured. */
  readonly ffmpeg: string | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Aborts a measurement. */
  readonly signal: AbortSignal;
}

/** Measures the level of an AAC stream: one second every 10 s, or every 2 s while a person looks. One process at a time. */
export class SoundMeter {
  readonly #options: SoundMeterOptions;
  readonly #levels: { readonly at: number; readonly dbfs: number }[] = [];
  #setUp: FlvTag | undefined;
  #sample: FlvTag[] = [];
  #sampleBytes = 0;
  #nextAt = 0;
  #isMeasuring = false;
  #failures = 0;
  #watchedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SoundMeterOptions) {
    this.#options = options;
  }

  /** An AAC tag has arrived. */
  take(tag: FlvTag): void {
    if (tag.data[1] === aacSetUp) {
      this.#setUp = tag;
      this.#clear();
      return;
    }
    if (this.#isMeasuring || this.#failures >= mostFailures || this.#options.now() < this.#nextAt || !this.#setUp)
      return;
    if (this.#sampleBytes + tag.data.length > mostBytes) this.#clear();
    this.#sample.push(tag);
    this.#sampleBytes += tag.data.length;
    const passedMs = tag.timestampMs - (this.#sample[0]?.timestampMs ?? 0);
    if (passedMs < 0) this.#clear();
    else if (passedMs >= sampleMs || this.#sample.length >= mostTags) void this.#measure(this.#setUp);
  }

  /** A person looks: take the next samples sooner. */
  hurry(): void {
    const { now } = this.#options;
    this.#watchedAt = now();
    this.#nextAt = Math.min(this.#nextAt, this.#watchedAt + everyMs.watched);
  }

  /** Whether ffmpeg is running. */
  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }

  /** Peak of the last sample; undefined before the first. */
  get levelDbfs(): number | undefined {
    return this.#levels.at(-1)?.dbfs;
  }

  /** Peak of the last half minute; undefined before three samples, since speakers pause. */
  get loudestDbfs(): number | undefined {
    return this.#levels.length < judgedSamples ? undefined : Math.max(...this.#levels.map(({ dbfs }) => dbfs));
  }

  async #measure(setUp: FlvTag): Promise<void> {
    const { ffmpeg, now, signal } = this.#options;
    const sound = encodeFlv([{ ...setUp, timestampMs: this.#sample[0]?.timestampMs ?? 0 }, ...this.#sample]);
    this.#clear();
    if (ffmpeg === undefined) return;
    this.#isMeasuring = true;
    const dbfs = await peakDbfs(sound, { ffmpeg, timeoutMs, signal }).catch(() => undefined);
    this.#isMeasuring = false;
    const at = now();
    this.#failures = dbfs === undefined ? this.#failures + 1 : 0;
    if (dbfs !== undefined) this.#levels.push({ at, dbfs });
    while (this.#levels.length > judgedSamples && at - (this.#levels[0]?.at ?? at) > judgedMs) this.#levels.shift();
    const isHurried = this.#levels.length < judgedSamples || at - this.#watchedAt < watchedForMs;
    this.#nextAt = at + (isHurried ? everyMs.watched : everyMs.usual);
  }

  #clear(): void {
    this.#sample = [];
    this.#sampleBytes = 0;
  }
}

/** Options for a measurement. */
export interface PeakOptions {
  /** The program's path. */
  readonly ffmpeg: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The loudest sample in dBFS: 0 is full scale, -Infinity is digital silence. Undefined if ffmpeg decodes nothing in time or cannot
 * be started. ffmpeg runs at the lowest priority, and is killed if it takes too long or writes too much.
 */
export async function peakDbfs(sound: Buffer, { ffmpeg, timeoutMs, signal }: PeakOptions): Promise<number | undefined> {
  const limits = { mostBytes: mostPcmBytes, seconds: timeoutMs / 1000, signal };
  const pcm = await decodeSound(sound, { ffmpeg, format: "flv", ...limits }).catch(() => Buffer.alloc(0));
  if (pcm.length < 2) return undefined;
  let peak = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2) peak = Math.max(peak, Math.abs(pcm.readInt16LE(at)));
  return 20 * Math.log10(peak / fullScale);
}
