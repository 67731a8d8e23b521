import { z } from "zod";
import { settings } from "./registry.ts";
import { text } from "./text.ts";

/** Owncast's five levels, in its own order. Both latency and the encoder's effort are sent as an index into this list. */
const levels = ["lowest", "low", "medium", "high", "highest"] as const;
const levelIndex = (level: (typeof levels)[number]): number => levels.indexOf(level);

/**
 * Buffer between camera and viewer, in segment lengths of 1 to 5 s: `low` for questions and answers, `high` for shaky networks.
 * @example low
 */
const latency = z.enum(levels).register(settings, {
  write: "video/streamlatencylevel",
  read: "/videoSettings/latencyLevel",
  takesEffect: "next-stream",
  ownDefault: { value: "medium" },
  encode: levelIndex,
});

// 4:2:0 video has one colour sample for each 2 x 2 block: x264 refuses odd sizes.
const even = (max: number) => z.int().min(64).max(max).multipleOf(2);

export const rendition = z.strictObject({
  /**
   * What the viewer picks in the quality menu.
   * @example HD
   */
  name: text({ min: 1, max: 30, pattern: { regex: /^[^<>]*$/u, says: "a name without < and >" } }),
  /**
   * Picture width in pixels, even.
   * @example 1280
   */
  width: even(7680),
  /**
   * Picture height in pixels, even.
   * @example 720
   */
  height: even(4320),
  /**
   * Pictures per second.
   * @example 30
   */
  framerate: z.int().min(10).max(60),
  /**
   * Video bitrate as Owncast is sent it, in kbit/s; its encoder gets 192 less.
   * @example 1600
   */
  bitrateKbps: z.int().min(400).max(20_000),
  /**
   * Sound bitrate in kbit/s. Left out, the sound is passed through as it comes from the camera.
   * @example 128
   */
  audioBitrateKbps: z.int().min(32).max(320).exactOptional(),
  /**
   * Effort of the encoder: more looks better at the same bitrate and takes more processor. Left out: `medium`.
   * @example low
   */
  cpuUsage: z.enum(levels).exactOptional(),
});
export type Rendition = z.output<typeof rendition>;

/** An output variant as the admin API takes and returns it; bitrates in kbit/s, sizes in pixels (0: as the source). */
interface Variant {
  readonly name: string;
  readonly videoPassthrough: boolean;
  readonly audioPassthrough: boolean;
  readonly videoBitrate: number;
  readonly audioBitrate: number;
  readonly scaledWidth?: number;
  readonly scaledHeight?: number;
  readonly framerate: number;
  readonly cpuUsageLevel: number;
}

/** The ladder as Owncast is sent it. */
const encodeLadder = (ladder: readonly Rendition[]): Variant[] =>
  ladder.map(({ name, width, height, framerate, bitrateKbps, audioBitrateKbps, cpuUsage = "medium" }) => ({
    name,
    videoPassthrough: false,
    audioPassthrough: audioBitrateKbps === undefined,
    videoBitrate: bitrateKbps,
    audioBitrate: audioBitrateKbps ?? 0,
    scaledWidth: width,
    scaledHeight: height,
    framerate,
    cpuUsageLevel: levelIndex(cpuUsage),
  }));

/** Owncast leaves sizes of 0 out of what reads back. */
const normaliseLadder = (variants: readonly Variant[]): Variant[] =>
  variants.map((variant) => ({
    ...variant,
    scaledWidth: variant.scaledWidth ?? 0,
    scaledHeight: variant.scaledHeight ?? 0,
  }));

/**
 * The renditions that viewers' players choose from, smallest first. The list replaces Owncast's.
 * @example [{ name: HD, width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 }]
 */
const ladder = z
  .array(rendition)
  .min(1)
  .max(8)
  .register(settings, {
    write: "video/streamoutputvariants",
    read: "/videoSettings/videoQualityVariants",
    takesEffect: "next-stream",
    ownDefault: {
      says: "a single rendition of 1200 kbit/s, 24 pictures per second, in the camera's size",
      readsBack: [
        {
          name: "1.2Mbps@24fps",
          videoPassthrough: false,
          audioPassthrough: true,
          videoBitrate: 1200,
          audioBitrate: 0,
          cpuUsageLevel: 2,
          framerate: 24,
        },
      ],
    },
    encode: encodeLadder,
    normalise: normaliseLadder,
  });

const at30 = (name: string, width: number, height: number, bitrateKbps: number): Rendition => ({
  name,
  width,
  height,
  framerate: 30,
  bitrateKbps,
});

/** Ready ladders. `lecture` takes the middle of each range that the field uses for talks; `lecture-high` is for slides with small print and good networks. */
export const presets = {
  lecture: [at30("SD", 854, 480, 1000), at30("HD", 1280, 720, 1600), at30("FHD", 1920, 1080, 3200)],
  "lecture-high": [at30("SD", 854, 480, 1200), at30("HD", 1280, 720, 3000), at30("FHD", 1920, 1080, 4500)],
} as const satisfies Record<string, readonly Rendition[]>;

/**
 * The renditions that viewers' players choose from: a preset's name, or a list, smallest first. It replaces Owncast's.
 * `lecture` is SD 1000, HD 1600 and FHD 3200 kbit/s; `lecture-high` is SD 1200, HD 3000 and FHD 4500.
 * @example lecture
 */
const ladderOrPreset = z.union([z.enum(Object.keys(presets) as (keyof typeof presets)[]), ladder]);

/** Picture and sound, as people write it. */
export const videoStage = z.strictObject({ latency: latency.exactOptional(), ladder: ladderOrPreset.exactOptional() });

/** Picture and sound, as it is applied. */
export const videoSeed = z.strictObject({ latency: latency.exactOptional(), ladder: ladder.exactOptional() });
