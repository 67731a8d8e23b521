import type { Rendition } from "../../codegen/schema/ladder.ts";
import { levelIndex, type levels } from "../../codegen/schema/levels.ts";
import { usualBitrateKbps } from "./camera.ts";
import { declaredRenditions, type Picture } from "./declared-renditions.ts";

const usualPicture = { width: 1280, height: 720, framerate: 30 } as const;
// Owncast's own level where nobody chose one.
const usualLatency = "medium";
const longestKeyframeSeconds = 2;

/**
 * What a camera should send for a ladder: the size and rate of its largest rendition (a usual one where it names none, usual
 * proportions where it names one side),
 * at a bitrate that is at least that of the best rendition.
 */
export function cameraPicture(ladder: readonly Rendition[] | undefined): Picture {
  const encoded = ladder?.filter(({ passthrough }) => !passthrough);
  const sizes = declaredRenditions(encoded, { ...usualPicture, bitrateKbps: 0 }) ?? [];
  const largest = sizes.reduce<Pick<Picture, "width" | "height" | "framerate">>(
    (best, each) => (each.width * each.height >= best.width * best.height ? each : best),
    sizes[0] ?? usualPicture,
  );
  const { width, height, framerate } = largest;
  const best = Math.max(0, ...sizes.map(({ bitrateKbps }) => bitrateKbps));
  return { width, height, framerate, bitrateKbps: Math.max(best, usualBitrateKbps({ width, height, fps: framerate })) };
}

/** How long Owncast's segments are at a latency level, in seconds; at its own level when left out. */
export const segmentSeconds = (latency: (typeof levels)[number] = usualLatency): number => levelIndex(latency) + 1;

/**
 * Seconds between keyframes that divide the segments' length, as long as OBS usually has them (2) where that does:
 * a passed-through rendition can only be cut at a keyframe.
 */
export const keyframeSeconds = (latency?: (typeof levels)[number]): number =>
  segmentSeconds(latency) % longestKeyframeSeconds === 0 ? longestKeyframeSeconds : 1;
