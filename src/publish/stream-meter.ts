import { type FlvTag, isFrame } from "../media/flv.ts";

/** The data sent so far. */
export interface StreamTotals {
  /** Time since the first frame was sent. */
  readonly seconds: number;
  readonly frames: number;
  /** Frames skipped because encoder or network were too slow. */
  readonly skippedFrames: number;
  readonly bytes: number;
}

/** The rates between two totals. */
export interface StreamRates {
  /** Frames sent per second. */
  readonly fps: number;
  /** Frames sent as a share of frames due: 1 keeps up. */
  readonly speed: number;
  /** Video and sound together. */
  readonly bitrateKbps: number;
}

/** Totals, and the rates since the start. */
export type StreamStats = StreamTotals & StreamRates;

const nothing: StreamTotals = { seconds: 0, frames: 0, skippedFrames: 0, bytes: 0 };

/** The rates between two totals; since the start if `earlier` is left out. */
export function ratesOf(later: StreamTotals, fps: number, earlier: StreamTotals = nothing): StreamRates {
  const seconds = later.seconds - earlier.seconds;
  if (seconds <= 0) return { fps: 0, speed: 0, bitrateKbps: 0 };
  const sentFps = (later.frames - earlier.frames) / seconds;
  return {
    fps: round(sentFps, 2),
    speed: round(sentFps / fps, 3),
    bitrateKbps: round(((later.bytes - earlier.bytes) * 8) / 1000 / seconds, 0),
  };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Counts what a stream sends. `now` gives ms that never go back. */
export class StreamMeter {
  readonly #fps: number;
  readonly #now: () => number;
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  #frames = 0;
  #skippedFrames = 0;
  #bytes = 0;

  constructor(fps: number, now: () => number = () => performance.now()) {
    this.#fps = fps;
    this.#now = now;
  }

  get frames(): number {
    return this.#frames;
  }

  count(tag: FlvTag): void {
    this.#bytes += tag.data.length;
    if (!isFrame(tag)) return;
    this.#startedAt ??= this.#now();
    this.#frames += 1;
  }

  skip(frames: number): void {
    this.#skippedFrames += frames;
  }

  /** Stops the clock. */
  end(): void {
    this.#endedAt ??= this.#now();
  }

  stats(): StreamStats {
    const until = this.#endedAt ?? this.#now();
    const totals: StreamTotals = {
      seconds: round((until - (this.#startedAt ?? until)) / 1000, 3),
      frames: this.#frames,
      skippedFrames: this.#skippedFrames,
      bytes: this.#bytes,
    };
    return { ...totals, ...ratesOf(totals, this.#fps) };
  }
}
