import { levelIndex, type levels, type Rendition } from "../../codegen/schema/owncast/ladder.ts";
import { usualBitrateKbps } from "../publish/camera-source.ts";
import { declaredRenditions, type Picture } from "./declared-renditions.ts";

const usualPicture = { width: 1280, height: 720, framerate: 30 } as const;
// Owncast's own level where nobody chose one.
const usualLatency = "medium";
const longestKeyframeSeconds = 2;

/** Whether a ladder passes on what the camera sends: then nobody but the camera operator knows what that is. */
export const passesOn = (ladder: readonly Rendition[] | undefined): boolean =>
  ladder?.some(({ passthrough }) => passthrough === true) ?? false;

/**
 * What a camera should send for a ladder: the size and rate of its largest rendition (a usual one where it names none, usual
 * proportions where it names one side, and at least the usual size where something is passed on), at a bitrate that is at least
 * that of the best rendition. What is `known` of it counts first.
 */
export function cameraPicture(ladder: readonly Rendition[] | undefined, known: Partial<Picture> = {}): Picture {
  const encoded = ladder?.filter(({ passthrough }) => !passthrough);
  const sizes = declaredRenditions(encoded, { ...usualPicture, bitrateKbps: 0 }) ?? [];
  const largest = sizes.reduce<Pick<Picture, "width" | "height" | "framerate">>(
    (best, each) => (each.width * each.height >= best.width * best.height ? each : best),
    sizes[0] ?? usualPicture,
  );
  const isTooSmall = passesOn(ladder) && largest.width * largest.height < usualPicture.width * usualPicture.height;
  const { width, height } = isTooSmall ? usualPicture : largest;
  const picture = { width, height, framerate: largest.framerate, ...known };
  const best = Math.max(0, ...sizes.map(({ bitrateKbps }) => bitrateKbps));
  return { bitrateKbps: Math.max(best, usualBitrateKbps({ ...picture, fps: picture.framerate })), ...picture };
}

/** How long Owncast's segments are at a latency level, in seconds; at its own level when left out. */
export const segmentSeconds = (latency: (typeof levels)[number] = usualLatency): number => levelIndex(latency) + 1;

/**
 * Seconds between keyframes that divide the segments' length. What is passed on can only be cut at a keyframe: then one for each
 * segment, as viewers change renditions there; else as long as OBS usually has them (2) where that divides it.
 */
export function keyframeSeconds(latency?: (typeof levels)[number], isPassedOn = false): number {
  const length = segmentSeconds(latency);
  if (isPassedOn) return length;
  return length % longestKeyframeSeconds === 0 ? longestKeyframeSeconds : 1;
}
