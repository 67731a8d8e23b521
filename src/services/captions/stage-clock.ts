import type { Segment, StageSeconds } from "./source.ts";

/** As many segments as any source looks back on. */
const mostSegments = 120;

/** From the moment a segment's last frame comes to the moment the segment is heard here, at the least. */
const shortestWayMs = 250;

/** What is known of the dates of one connection of the camera. */
interface Connection {
  /** How much too late its dates are, at the least. */
  aheadMs: number;
}

/** A segment with its first frame's wall-clock time as it is dated, or concluded. */
interface Placed {
  readonly segment: Segment;
  readonly datedMs: number;
  readonly connection: Connection;
}

const madeAt = ({ datedMs, connection }: Placed): number => datedMs - connection.aheadMs;

/**
 * Which moment of the picture a wall-clock time belongs to: that of EXT-X-PROGRAM-DATE-TIME. Between two connections of the camera
 * wall-clock time passes and stage time does not; a time in such a gap belongs to the first frame after it.
 *
 * ffmpeg dates a stream from the moment its muxer starts. The first frame came up to some seconds earlier, while ffmpeg started and
 * looked at the stream; then it catches up. So segments are listed before their dates say that they were made. Nothing can be: what
 * the best of a connection's segments shows is taken off the dates of all.
 */
export class StageClock {
  #placed: Placed[] = [];

  /** A segment that is listed now, `nowMs`. When its first frame was made, as far as is known; both in ms since the epoch. */
  hear(segment: Segment, nowMs: number): number {
    const last = this.#placed.at(-1);
    const connection = last && !segment.discontinuity ? last.connection : { aheadMs: 0 };
    const datedMs = segment.madeAtMs ?? this.#concluded(segment, nowMs);
    const endMs = datedMs + lengthMs(segment);
    if (segment.madeAtMs !== undefined)
      connection.aheadMs = Math.max(connection.aheadMs, endMs - (nowMs - shortestWayMs));
    const placed = { segment, datedMs, connection };
    this.#placed.push(placed);
    if (this.#placed.length > mostSegments) this.#placed.shift();
    return madeAt(placed);
  }

  /** The stage time of a wall-clock time in ms since the epoch, also of one after the last segment; undefined before any segment. */
  stageAt(wallMs: number): StageSeconds | undefined {
    const at = this.#placed.findLastIndex((one) => madeAt(one) <= wallMs);
    const found = this.#placed[at] ?? this.#placed[0];
    if (!found) return undefined;
    const time = found.segment.start + (wallMs - madeAt(found)) / 1000;
    const next = this.#placed[at + 1];
    return next && at >= 0 ? Math.min(time, next.segment.start) : time;
  }

  /** How long the time without a picture is that a wall-clock time falls into: 0 in a picture or after the last one. */
  gapSecondsAt(wallMs: number): number {
    const at = this.#placed.findLastIndex((one) => madeAt(one) <= wallMs);
    const [before, next] = [this.#placed[at], this.#placed[at + 1]];
    if (!before) return Number.POSITIVE_INFINITY;
    const endMs = madeAt(before) + lengthMs(before.segment);
    return next && wallMs >= endMs ? (madeAt(next) - endMs) / 1000 : 0;
  }

  /** The wall-clock time at which a stage time's picture ends to be made: the latest one that is not after a gap. */
  wallAt(time: StageSeconds): number | undefined {
    const found = this.#placed.findLast(({ segment }) => segment.start < time) ?? this.#placed[0];
    return found && madeAt(found) + (time - found.segment.start) * 1000;
  }

  /** Without a date: it follows the segment before it; the first one's last frame was made about now. */
  #concluded({ start, end }: Segment, nowMs: number): number {
    const last = this.#placed.at(-1);
    const own = nowMs - (end - start) * 1000;
    return last ? last.datedMs + lengthMs(last.segment) : own;
  }
}

const lengthMs = ({ start, end }: Segment): number => (end - start) * 1000;
