/** A cue's text before it has its times. */
export interface Wanted {
  /** When its first word begins and its last word ends. */
  readonly start: number;
  readonly end: number;
  readonly columns: number;
}

/** From when to when a cue is on screen, in seconds, exact to the millisecond. */
export interface OnScreen {
  readonly start: number;
  readonly end: number;
}

/** What the times must keep to. */
export interface Room {
  /** No cue may begin earlier: an earlier cue is still on screen, or players have that time already. */
  readonly from: number;
  /** Where the segment begins: words of an earlier time came late. */
  readonly since: number;
  /** Whether an earlier cue ends at `from`. */
  readonly follows: boolean;
  /** Where the known time ends. */
  readonly until: number;
  /** Whether more may follow. If not, cues should end with the known time. */
  readonly isOpen: boolean;
}

export const aimColumnsPerSecond = 17;
export const mostColumnsPerSecond = 25;
const leastSeconds = 0.8;
// Less than that is a flash. Many such cues catch up with their words.
const shortestSeconds = 0.5;
const lingerSeconds = 2;
// A cue may push the next one by so much to be read at the aim, and by so much to be read at all.
const pushSeconds = 0.5;
const mostPushSeconds = 1.5;
const gapSeconds = 0.3;
// A written page may stay so long after the end of what is known.
const mostLateSeconds = 6;
// Only a flood of words needs this: so that each cue has a time of its own.
const flashSeconds = 0.05;

/** Times of cues in order: they do not overlap, follow their words, and stay as long as reading takes if there is room for it. */
export function timesOf(cues: readonly Wanted[], room: Room): OnScreen[] {
  const times: OnScreen[] = [];
  let free = room.from;
  for (const [at, cue] of cues.entries()) {
    // A cue just before its word is better than a flicker.
    const isJust = cue.start > free && cue.start - free < gapSeconds && (at > 0 || room.follows);
    const start = isJust ? free : Math.max(cue.start, free);
    const next = cues[at + 1];
    const bound = Math.max(next ? next.start : room.until, room.since);
    free = Math.max(endOf(cue, start, bound), next ? 0 : staysUntil(cue, start));
    times.push({ start, end: free });
  }
  return inRoom(times, room).map(({ start, end }) => ({
    start: toMs(start),
    end: toMs(end),
  }));
}

/** A page that was written stays until it has been read, and not for as long as somebody may claim. */
const staysUntil = ({ end, columns }: Wanted, start: number): number =>
  Math.min(end, aimEnd(start, columns) + lingerSeconds);

const aimEnd = (start: number, columns: number): number =>
  start + Math.max(leastSeconds, columns / aimColumnsPerSecond);

/** `bound` is when the next cue wants to begin. */
function endOf({ end: spoken, columns }: Wanted, start: number, bound: number): number {
  const aim = aimEnd(start, columns);
  if (aim <= bound) {
    const end = Math.min(bound, Math.max(aim, spoken + lingerSeconds));
    return bound - end < gapSeconds ? bound : end;
  }
  const hurried = start + Math.max(leastSeconds, columns / mostColumnsPerSecond);
  const pushed = Math.min(aim, Math.max(bound + pushSeconds, Math.min(hurried, bound + mostPushSeconds)));
  return Math.max(pushed, start + shortestSeconds);
}

/** The times in the room that there is. They change only if words flood in, or if nothing follows. */
function inRoom(times: readonly OnScreen[], { from, until, isOpen }: Room): readonly OnScreen[] {
  const [first, last] = [times[0], times.at(-1)];
  if (!first || !last) return times;
  const limit = Math.max(isOpen ? until + mostLateSeconds : until, from);
  if (last.end <= limit) return times;
  const length = last.end - first.start;
  const start = isOpen ? first.start : Math.max(from, Math.min(first.start, until - length));
  const end = Math.max(limit, start + times.length * flashSeconds);
  const place = (time: number): number => start + ((time - first.start) * (end - start)) / length;
  return times.map((one) => ({ start: place(one.start), end: place(one.end) }));
}

const toMs = (seconds: number): number => Math.round(seconds * 1000) / 1000;
