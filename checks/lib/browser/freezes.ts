import type { Frame } from "./browser-viewer.ts";

/** A period without a new frame. */
export interface Freeze {
  /** Time of the last frame before it, in ms since the epoch. */
  readonly fromMs: number;
  readonly seconds: number;
}

/**
 * The gaps longer than `longerThanSeconds` between two frames, and from the last frame to `untilMs`. Each of `frames` counts
 * as new: leave out those that are not, such as frames of Owncast's offline clip, which show no clock.
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
