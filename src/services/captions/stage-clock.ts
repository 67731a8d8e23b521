import type { Segment, StageSeconds } from "./source.ts";

/** As many segments as any source looks back on. */
const mostSegments = 120;

/** A segment with its first frame's wall-clock time, known or concluded. */
interface Placed {
  readonly segment: Segment;
  readonly madeAtMs: number;
}

/**
 * Which moment of the picture a wall-clock time belongs to: that of EXT-X-PROGRAM-DATE-TIME. Between two connections of the camera
 * wall-clock time passes and stage time does not; a time in such a gap belongs to the first frame after it.
 */
export class StageClock {
  #placed: Placed[] = [];

  /** A segment that is listed now, `nowMs`. When its first frame was made; both in ms since the epoch. */
  hear(segment: Segment, nowMs: number): number {
    const madeAtMs = segment.madeAtMs ?? this.#concluded(segment, nowMs);
    this.#placed.push({ segment, madeAtMs });
    if (this.#placed.length > mostSegments) this.#placed.shift();
    return madeAtMs;
  }

  /** The last segment; undefined before the first. */
  get last(): Segment | undefined {
    return this.#placed.at(-1)?.segment;
  }

  /** The stage time of a wall-clock time in ms since the epoch, also of one after the last segment; undefined before any segment. */
  stageAt(wallMs: number): StageSeconds | undefined {
    const at = this.#placed.findLastIndex(({ madeAtMs }) => madeAtMs <= wallMs);
    const found = this.#placed[at] ?? this.#placed[0];
    if (!found) return undefined;
    const time = found.segment.start + (wallMs - found.madeAtMs) / 1000;
    const next = this.#placed[at + 1];
    return next && at >= 0 ? Math.min(time, next.segment.start) : time;
  }

  /** How long the time without a picture is that a wall-clock time falls into: 0 in a picture or after the last one. */
  gapSecondsAt(wallMs: number): number {
    const at = this.#placed.findLastIndex(({ madeAtMs }) => madeAtMs <= wallMs);
    const [before, next] = [this.#placed[at], this.#placed[at + 1]];
    if (!before) return Number.POSITIVE_INFINITY;
    return next && wallMs >= endMsOf(before) ? (next.madeAtMs - endMsOf(before)) / 1000 : 0;
  }

  /** The wall-clock time at which a stage time's picture ends to be made: the latest one that is not after a gap. */
  wallAt(time: StageSeconds): number | undefined {
    const found = this.#placed.findLast(({ segment }) => segment.start < time) ?? this.#placed[0];
    return found && found.madeAtMs + (time - found.segment.start) * 1000;
  }

  /** Without a date: it follows the segment before it; the first one's last frame was made about now. */
  #concluded({ start, end }: Segment, nowMs: number): number {
    const last = this.#placed.at(-1);
    const own = nowMs - (end - start) * 1000;
    return last ? endMsOf(last) : own;
  }
}

const endMsOf = ({ segment: { start, end }, madeAtMs }: Placed): number => madeAtMs + (end - start) * 1000;
