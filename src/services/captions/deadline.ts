import { captionsWaitMs } from "../../lib/captions-tracks.ts";
import type { Segment } from "./source.ts";

/** The listed segments' files in the order of the list, and when each was first seen there, in monotonic ms. Empty while nobody knows. */
export type ListedSince = ReadonlyMap<string, number>;

/** A segment that was listed, in monotonic ms. */
export interface Timed {
  readonly segment: Segment;
  readonly listedMs: number;
}

// Of the last segment before players may ask: its captions are written in the rest of it.
const untilWritten = 0.3;
// So much later than the keeper this service may see that a segment is listed.
const seenLateMs = 250;

/** The list as it is now, with the times at which its segments were first seen. Pure. */
export const listedSince = (before: ListedSince, files: Iterable<string>, nowMs: number): ListedSince =>
  new Map([...files].map((file) => [file, before.get(file) ?? nowMs]));

/**
 * When a segment's captions are committed: before `trail` newer segments are listed, as players may ask for them then. In segments of
 * one length that is 1.7 of its lengths after it was listed, with a trail of two. Newer segments may be shorter, or come in a burst
 * after a stall of the camera. So when all newer ones but the last are listed, it waits no longer than most of the shorter one of both
 * lengths, and when the last one is there, or when the segment has left the list, it does not wait. `newer` are segments that were heard
 * after it. Pure.
 */
export function dueMs(
  { segment, listedMs }: Timed,
  newer: readonly Timed[],
  trail: number,
  listed: ListedSince,
): number {
  const ownMs = listedMs + (trail - untilWritten) * lengthMs(segment);
  if (listed.size === 0) return ownMs;
  const files = [...listed.keys()];
  const at = files.indexOf(segment.file);
  if (at < 0) return Number.NEGATIVE_INFINITY;
  const lastMs = listed.get(files[at + trail] ?? "") ?? Number.POSITIVE_INFINITY;
  const file = files[at + trail - 1] ?? "";
  const beforeMs = listed.get(file) ?? Number.POSITIVE_INFINITY;
  const before = newer.find((one) => one.segment.file === file)?.segment ?? segment;
  const restMs = (1 - untilWritten) * Math.min(lengthMs(segment), lengthMs(before));
  return Math.min(ownMs, beforeMs + restMs, lastMs);
}

/** Whether a segment's captions that are written now come after players could ask for them. Pure. */
export function isTooLate(file: string, trail: number, listed: ListedSince, nowMs: number): boolean {
  if (listed.size === 0) return false;
  const files = [...listed.keys()];
  const at = files.indexOf(file);
  const openMs = listed.get(files[at + trail] ?? "") ?? Number.POSITIVE_INFINITY;
  return at < 0 || nowMs > openMs + captionsWaitMs - seenLateMs;
}

/** Whether newer segments came faster than they play, so that a source had less time than it may need. Pure. */
export const isHurried = ({ listedMs }: Timed, newer: readonly Timed[], nowMs: number): boolean =>
  nowMs - listedMs < newer.reduce((sum, { segment }) => sum + lengthMs(segment), 0);

const lengthMs = ({ start, end }: Segment): number => (end - start) * 1000;
