import type { StreamNeeds } from "../media/stream-health.ts";
import type { Notes } from "./checks.ts";
import type { RenditionReport } from "./probe-report.ts";

/**
 * Judges `switching`: RFC 8216 (6.2.4) asks for one target duration in all renditions, and the player of Owncast's page stops for
 * good when it changes to a rendition with another one.
 */
export function judgeSwitching(
  renditions: readonly RenditionReport[],
  needs: StreamNeeds | undefined,
  notes: Notes,
): void {
  const known = renditions.flatMap(({ name, segmentSeconds }) =>
    segmentSeconds === undefined ? [] : [{ name, segmentSeconds }],
  );
  const lengths = known.map(({ segmentSeconds }) => segmentSeconds);
  const shortest = Math.min(...lengths);
  if (known.length < 2)
    notes.skip(
      "switching",
      known.length === renditions.length ? "there is nothing to change to" : "too few renditions have a playlist",
    );
  else if (Math.max(...lengths) === shortest) notes.pass("switching", `segments of ${shortest} s in all renditions`);
  else {
    const each = known.map(({ name, segmentSeconds }) => `${name} ${segmentSeconds} s`).join(", ");
    notes.fail(
      "switching",
      `segments are not of the same length (${each}): the page's player stops when it changes from one rendition to another`,
      `a rendition that passes on what the camera sends can only be cut at its keyframes: set the camera's keyframe interval to ${needs?.segmentSeconds ?? shortest} s (OBS: Settings, Output, Keyframe Interval; not 0), or take passthrough out of the ladder`,
    );
  }
}
