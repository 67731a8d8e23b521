import type { Frame } from "./browser-viewer.ts";

/** A time in which a viewer saw nothing new. */
export interface Freeze {
  /** When the last picture before it came, in ms since the epoch. */
  readonly fromMs: number;
  readonly seconds: number;
}

/**
 * The times between two pictures, and after the last one until `untilMs`, that were longer than `longerThanSeconds`.
 * Whatever is among `frames` counts as something new: leave out those that do not, such as Owncast's offline clip, which has no clock.
 */
export function freezes(
  frames: readonly Pick<Frame, "atMs">[],
  { untilMs, longerThanSeconds = 0.5 }: { untilMs: number; longerThanSeconds?: number },
): Freeze[] {
  const ends = [...frames.slice(1).map(({ atMs }) => atMs), untilMs];
  return frames
    .map(({ atMs }, index) => ({ fromMs: atMs, seconds: (ends[index]! - atMs) / 1000 }))
    .filter(({ seconds }) => seconds > longerThanSeconds);
}
