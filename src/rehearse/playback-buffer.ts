/** A shorter pause counts as no stall: people do not see it, and this machine's timers are not more exact. */
export const shortestStallMs = 100;

/** A pause of the picture, in ms on the clock of `append`. */
export interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * What a player has loaded and not yet shown. It plays from the first segment on, in real time, and stands still when the buffer is
 * empty until the next segment is there, as browsers do. Times are in ms on one clock that never goes back.
 */
export class PlaybackBuffer {
  #startedAtMs: number | undefined;
  // When the last loaded segment will have been played.
  #dryAtMs = 0;
  #stalledMs = 0;
  #stalls = 0;

  /** Whether the first frame has been shown. */
  get started(): boolean {
    return this.#startedAtMs !== undefined;
  }

  get stalls(): number {
    return this.#stalls;
  }

  /** A segment is there. Returns the stall that it ends, if there was one. */
  append(nowMs: number, durationSeconds: number): Stall | undefined {
    if (this.#startedAtMs === undefined) {
      this.#startedAtMs = nowMs;
      this.#dryAtMs = nowMs + durationSeconds * 1000;
      return undefined;
    }
    const stall = this.#stallUntil(nowMs);
    if (stall) this.#count(stall);
    this.#dryAtMs = Math.max(this.#dryAtMs, nowMs) + durationSeconds * 1000;
    return stall;
  }

  /** How many seconds of video are left to show. */
  levelSeconds(nowMs: number): number {
    return this.started ? Math.max(0, this.#dryAtMs - nowMs) / 1000 : 0;
  }

  /** Whether the picture stands still now. */
  isStalled(nowMs: number): boolean {
    return this.started && this.#stallUntil(nowMs) !== undefined;
  }

  /**
   * The whole time up to `nowMs`, a stall that still lasts included. `overAtMs`: the stream ended there, so an empty buffer after it
   * is no stall.
   */
  sum(nowMs: number, overAtMs = Number.POSITIVE_INFINITY): PlaybackSum {
    if (this.#startedAtMs === undefined) return { watchedSeconds: 0, stalledSeconds: 0, stalls: 0 };
    const lasting = this.#stallUntil(Math.min(nowMs, overAtMs));
    const lastingMs = lasting ? lasting.toMs - lasting.fromMs : 0;
    const endMs = Math.min(nowMs, Math.max(overAtMs, this.#dryAtMs));
    return {
      watchedSeconds: Math.max(0, endMs - this.#startedAtMs) / 1000,
      stalledSeconds: (this.#stalledMs + lastingMs) / 1000,
      stalls: this.#stalls + (lasting ? 1 : 0),
    };
  }

  #stallUntil(nowMs: number): Stall | undefined {
    return nowMs - this.#dryAtMs >= shortestStallMs ? { fromMs: this.#dryAtMs, toMs: nowMs } : undefined;
  }

  #count({ fromMs, toMs }: Stall): void {
    this.#stalls += 1;
    this.#stalledMs += toMs - fromMs;
  }
}

/** What one viewer saw. Watched time includes stalls. */
export interface PlaybackSum {
  readonly watchedSeconds: number;
  readonly stalledSeconds: number;
  readonly stalls: number;
}
