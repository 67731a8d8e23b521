import { levelIndex, type levels, type Rendition } from "../../codegen/schema/owncast/ladder.ts";
import { declaredRenditions, type Picture, videoKbps } from "./declared-renditions.ts";
import type { StreamNeeds } from "./stream-health.ts";

type Level = (typeof levels)[number];
type Ladder = readonly Rendition[] | undefined;

const usualPicture = { width: 1280, height: 720, framerate: 30 } as const;
// Owncast's default.
const usualLatency = "medium";
const longestKeyframeSeconds = 2;

/** Whether a ladder passes the camera's stream on unchanged, so that only the camera operator knows its format. */
export const passesOn = (ladder: Ladder): boolean => ladder?.some(({ passthrough }) => passthrough === true) ?? false;

/** A bitrate for talks and slides, in whole hundreds of kbit/s: 0.09 bits a pixel. */
export function usualBitrateKbps({ width, height, fps }: { width: number; height: number; fps: number }): number {
  const kbps = (width * height * fps * 0.09) / 1000;
  return Math.min(20_000, Math.max(300, Math.round(kbps / 100) * 100));
}

/**
 * The format that a camera should send for a ladder: size and frame rate of the largest encoded rendition (720p30 if none says),
 * and at least the best rendition's bitrate. With a passthrough rendition, at least 720p. `known` facts about the camera win.
 */
export function cameraPicture(ladder: Ladder, known: Partial<Picture> = {}): Picture {
  const encoded = ladder?.filter(({ passthrough }) => !passthrough);
  const sizes = declaredRenditions(encoded, { ...usualPicture, bitrateKbps: 0 }) ?? [];
  const largest = sizes.reduce<Omit<Picture, "bitrateKbps">>(
    (best, each) => (each.width * each.height >= best.width * best.height ? each : best),
    sizes[0] ?? usualPicture,
  );
  const isTooSmall = passesOn(ladder) && largest.width * largest.height < usualPicture.width * usualPicture.height;
  const { width, height } = isTooSmall ? usualPicture : largest;
  const picture = { width, height, framerate: largest.framerate, ...known };
  const best = Math.max(0, ...sizes.map(({ bitrateKbps }) => bitrateKbps));
  return { bitrateKbps: Math.max(best, usualBitrateKbps({ ...picture, fps: picture.framerate })), ...picture };
}

/** The length of Owncast's segments at a latency level, in seconds. */
export const segmentSeconds = (latency: Level = usualLatency): number => levelIndex(latency) + 1;

/**
 * Seconds between keyframes that divide a segment. A passed-on stream can be cut only at a keyframe, so it gets one at the start
 * of each segment; otherwise 2 s, as OBS usually has it, if that divides the segment.
 */
export function keyframeSeconds(latency?: Level, isPassedOn = false): number {
  const length = segmentSeconds(latency);
  if (isPassedOn) return length;
  return length % longestKeyframeSeconds === 0 ? longestKeyframeSeconds : 1;
}

/** The format that a stage's video settings need from its camera. Without a ladder, only the segment length is known. */
export function streamNeeds({
  ladder = [],
  latency,
}: {
  readonly ladder?: Ladder;
  readonly latency?: Level | undefined;
} = {}): StreamNeeds {
  const encoded = ladder.filter(({ passthrough }) => !passthrough);
  const most = (values: readonly (number | undefined)[]): number | undefined => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const height = most(encoded.map((rendition) => rendition.height));
  const bitrateKbps = most(encoded.map((rendition) => rendition.bitrateKbps));
  return {
    segmentSeconds: segmentSeconds(latency),
    hasPassthrough: encoded.length < ladder.length,
    hasEncoded: encoded.length > 0,
    tallest: height === undefined ? undefined : { width: most(encoded.map(({ width }) => width)), height },
    fastestFps: most(encoded.map(({ framerate }) => framerate)),
    highestKbps: bitrateKbps === undefined ? undefined : videoKbps({ bitrateKbps }),
  };
}
