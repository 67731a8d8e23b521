import { encodeFlv, type FlvTag } from "../../media/flv.ts";
import { peakDbfs } from "./peak-level.ts";

const sampleMs = 1000;
// A second of AAC at 96 kHz.
const mostTags = 100;
const mostBytes = 64 * 1024;
const timeoutMs = 5000;
const everyMs = { usual: 10_000, watched: 2000 } as const;
const watchedForMs = 10_000;
const judgedMs = 30_000;
const judgedSamples = 3;
const mostFailures = 5;
const aacSetUp = 0;

export interface SoundMeterOptions {
  /** ffmpeg's path; without it nothing is measured. */
  readonly ffmpeg: string | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Ends a measurement. */
  readonly signal: AbortSignal;
}

/** Measures how loud a stream of AAC is: a second of it every ten, or every two while somebody watches; one process at a time. */
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

  /** A piece of AAC has come. */
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

  /** Somebody looks: the next samples come sooner. */
  watch(): void {
    const { now } = this.#options;
    this.#watchedAt = now();
    this.#nextAt = Math.min(this.#nextAt, this.#watchedAt + everyMs.watched);
  }

  /** ffmpeg is at work. */
  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }

  /** The last sample's peak; undefined until there is one. */
  get levelDbfs(): number | undefined {
    return this.#levels.at(-1)?.dbfs;
  }

  /** The peak of the last half minute; undefined until there are three samples: speakers pause. */
  get loudestDbfs(): number | undefined {
    return this.#levels.length < judgedSamples ? undefined : Math.max(...this.#levels.map(({ dbfs }) => dbfs));
  }

  async #measure(setUp: FlvTag): Promise<void> {
    const { ffmpeg, now, signal } = this.#options;
    const sound = encodeFlv([{ ...setUp, timestampMs: this.#sample[0]?.timestampMs ?? 0 }, ...this.#sample]);
    this.#clear();
    if (ffmpeg === undefined) return;
    this.#isMeasuring = true;
    // Nobody waits for it, so nothing may come of an error but that the level is not known.
    const dbfs = await peakDbfs(sound, { ffmpeg, container: "flv", timeoutMs, signal }).catch(() => undefined);
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
