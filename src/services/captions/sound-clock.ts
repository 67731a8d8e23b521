/** Sound that comes later than this is not late but a gap: the interpreter was away, or the network stood still. */
const gapMs = 1500;
/** A clock that is slower than ours by so much is followed. Good ones differ by less than a tenth of it. */
const driftPerSecondMs = 0.5;
const keptMs = 180_000;
const mostAnchors = 500;

/** From this sample on, sound belongs to the wall-clock time `ms`, and goes on with it. */
interface Anchor {
  readonly sample: number;
  readonly ms: number;
}

/**
 * When the sound of an interpreter was made, by when it arrived. Sound never arrives before it is made, but often late and in lumps;
 * so its earliest arrivals tell the time of all of it. What remains is the shortest delay of the line and of the interpreter's encoder.
 */
export class SoundClock {
  readonly #rate: number;
  #anchors: Anchor[] = [];
  #samples = 0;
  #isFresh = true;

  /** `rate` in samples per second. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** So much sound has come, and arrived whole at `nowMs`, in ms since the epoch. */
  arrived(samples: number, nowMs: number): void {
    const start = this.#samples;
    this.#samples += samples;
    const madeMs = nowMs - (samples / this.#rate) * 1000;
    const last = this.#anchors.at(-1);
    const latenessMs = last && !this.#isFresh ? madeMs - this.#timeBy(last, start) : Number.POSITIVE_INFINITY;
    if (!last || Math.abs(latenessMs) > gapMs) this.#anchor({ sample: start, ms: madeMs });
    else {
      const drift = Math.min(latenessMs, (samples / this.#rate) * driftPerSecondMs);
      this.#anchors[this.#anchors.length - 1] = { ...last, ms: last.ms + drift };
    }
    const oldest = this.#anchors[1];
    if (oldest && (nowMs - oldest.ms > keptMs || this.#anchors.length > mostAnchors)) this.#anchors.shift();
  }

  /** Another connection: so much sound counts until now, and what comes next was made at another time. */
  restart(samples: number): void {
    this.#samples = samples;
    this.#isFresh = true;
  }

  /** Sound that came, and that nobody hears: it does not count, as if what follows had come in its place. */
  cut(from: number, samples: number): void {
    const until = from + samples;
    const ms = this.timeOf(until);
    if (ms !== undefined)
      this.#anchors = [
        ...this.#anchors.filter(({ sample }) => sample < from),
        { sample: from, ms },
        ...this.#anchors
          .filter(({ sample }) => sample > until)
          .map((one) => ({ ...one, sample: one.sample - samples })),
      ];
    this.#samples -= samples;
  }

  /** How much sound has come. */
  get samples(): number {
    return this.#samples;
  }

  /** When a sample was made, in ms since the epoch; undefined before any sound. */
  timeOf(sample: number): number | undefined {
    const anchor = this.#anchors.findLast((one) => one.sample <= sample) ?? this.#anchors[0];
    return anchor && this.#timeBy(anchor, sample);
  }

  /** The first sample that was made at this time or later; all that has come, if none was. */
  sampleAt(ms: number): number {
    for (const [at, anchor] of this.#anchors.entries()) {
      const end = this.#anchors[at + 1]?.sample ?? this.#samples;
      const sample = anchor.sample + Math.ceil(((ms - anchor.ms) / 1000) * this.#rate);
      if (sample <= anchor.sample) return anchor.sample;
      if (sample <= end) return sample;
    }
    return this.#samples;
  }

  #timeBy({ sample: from, ms }: Anchor, sample: number): number {
    return ms + ((sample - from) / this.#rate) * 1000;
  }

  #anchor(anchor: Anchor): void {
    this.#isFresh = false;
    while ((this.#anchors.at(-1)?.sample ?? -1) >= anchor.sample) this.#anchors.pop();
    this.#anchors.push(anchor);
  }
}
