import { z } from "zod";
import { settings } from "../core/registry.ts";
import { text } from "../core/text.ts";

/**
 * Owncast's five levels, in its own order. Latency and the encoder's effort are both sent as an index into this list.
 */
export const levels = ["lowest", "low", "medium", "high", "highest"] as const;

/** The level that Owncast's number stands for; the number itself if there is no such level. */
export const levelName = (index: number): string | number => levels[index] ?? index;

/** The number that Owncast is sent for a level. */
export const levelIndex = (level: (typeof levels)[number]): number => levels.indexOf(level);

// 4:2:0 video has one colour sample for each 2 x 2 block: x264 refuses odd sizes.
const even = (max: number) => z.int().min(64).max(max).multipleOf(2);

// Owncast takes 192 off for itself. Measured with a real 30 s stream of 640x360 at 30 pictures per second: 193 and 200 gave
// blank or unreadable pictures, 220 mostly so, 250 played; the margin is for larger pictures, which need more.
const minBitrateKbps = 400;

export const renditionShape = z.strictObject({
  /**
   * What the viewer picks in the quality menu.
   * @example HD
   */
  name: text({ min: 1, max: 30, pattern: { regex: /^[^<>]*$/u, says: "a name without < and >" } }),
  /**
   * Passes the camera's video and sound on unchanged, without an encoder. Only `name` may stand beside it. Every
   * viewer's network and device must then manage what the camera sends. Owncast can cut segments only at the camera's
   * keyframes: set the camera's keyframe interval to the segment length of `video.latency`, 1 to 5 s. If there are
   * encoded renditions too, any other interval stops the players of viewers who change the quality.
   * @example true
   */
  passthrough: z.literal(true).exactOptional(),
  /**
   * Width in pixels, an even number. If only `height` is set, the width follows from the camera's aspect ratio.
   * @example 1280
   */
  width: even(7680).exactOptional(),
  /**
   * Height in pixels, an even number. If only `width` is set, the height follows from the camera's aspect ratio. If
   * neither is set, the rendition has the camera's size.
   * @example 720
   */
  height: even(4320).exactOptional(),
  /**
   * Frames per second.
   * @example 30
   */
  framerate: z.int().min(10).max(60).exactOptional(),
  /**
   * Video bitrate in kbit/s, as it is sent to Owncast. Owncast's encoder gets 192 kbit/s less.
   * @example 1600
   */
  bitrateKbps: z.int().min(minBitrateKbps).max(20_000).exactOptional(),
  /**
   * Sound bitrate in kbit/s. If it is left out, the camera's sound is passed on unchanged.
   * @example 128
   */
  audioBitrateKbps: z.int().min(32).max(320).exactOptional(),
  /**
   * Effort of the encoder. More effort looks better at the same bitrate and takes more processor time. If it is left
   * out: `medium`. Owncast 0.2.5 encodes all renditions with the level of the last one that it encodes.
   * @example low
   */
  cpuUsage: z.enum(levels).exactOptional(),
});
export type Rendition = z.output<typeof renditionShape>;

const encoded = ["framerate", "bitrateKbps"] as const;

/** The missing or forbidden fields of a rendition; undefined if it is complete. */
function renditionFault(rendition: Rendition): string | undefined {
  if (rendition.passthrough) {
    const surplus = Object.keys(rendition).filter((key) => key !== "name" && key !== "passthrough");
    return surplus.length === 0
      ? undefined
      : `expected no ${surplus.join(", ")} with passthrough, because nothing is encoded`;
  }
  const missing = encoded.filter((key) => rendition[key] === undefined);
  return missing.length === 0 ? undefined : `expected ${missing.join(", ")} too (or passthrough: true)`;
}

const rendition = renditionShape.check(({ value, issues }) => {
  const message = renditionFault(value);
  if (message) issues.push({ code: "custom", message, input: value, path: [] });
});

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
  ladder.map(({ name, passthrough = false, cpuUsage = "medium", ...rendition }) => ({
    name,
    videoPassthrough: passthrough,
    audioPassthrough: rendition.audioBitrateKbps === undefined,
    videoBitrate: rendition.bitrateKbps ?? 0,
    audioBitrate: rendition.audioBitrateKbps ?? 0,
    scaledWidth: rendition.width ?? 0,
    scaledHeight: rendition.height ?? 0,
    framerate: rendition.framerate ?? 0,
    cpuUsageLevel: passthrough ? 0 : levelIndex(cpuUsage),
  }));

/**
 * A variant in the words of a stage file. If these cannot say what Owncast has, the result is a value that the schema
 * refuses.
 */
function decodeVariant(variant: Variant): Record<string, unknown> {
  const { name, videoPassthrough, audioPassthrough, scaledWidth, scaledHeight, framerate, videoBitrate } = variant;
  if (videoPassthrough) return { name, passthrough: true, ...(!audioPassthrough && audioOf(variant)) };
  const cpuUsage = levelName(variant.cpuUsageLevel);
  return {
    name,
    ...(scaledWidth !== 0 && { width: scaledWidth }),
    ...(scaledHeight !== 0 && { height: scaledHeight }),
    framerate,
    bitrateKbps: videoBitrate,
    ...(!audioPassthrough && audioOf(variant)),
    ...(cpuUsage !== "medium" && { cpuUsage }),
  };
}

const audioOf = ({ audioBitrate }: Variant) => ({ audioBitrateKbps: audioBitrate });

/** The faults between a ladder's renditions: one message, with its index, for each rendition at fault. */
function ladderFaults(ladder: readonly Rendition[]): { index: number; message: string }[] {
  return ladder.flatMap((rendition, index) => {
    const before = ladder.slice(0, index);
    if (before.some(({ name }) => name === rendition.name))
      return [{ index, message: `expected a name of its own; an earlier rendition is called ${rendition.name}` }];
    const bigger = before.find(
      (other) => isLarger(rendition, other) && (other.bitrateKbps ?? 0) >= (rendition.bitrateKbps ?? 0),
    );
    if (bigger)
      return [
        {
          index,
          message: `expected more than ${bigger.bitrateKbps} kbit/s: its frame is larger than that of ${bigger.name}`,
        },
      ];
    const smaller = before.find((other) => isLarger(other, rendition));
    return smaller ? [{ index, message: `expected the smallest first; ${smaller.name} before it is larger` }] : [];
  });
}

const sides = ["width", "height"] as const;

/** Compares the sides that both declare. A side that follows from the camera is not known yet. */
function isLarger(one: Rendition, other: Rendition): boolean {
  const shared = sides.filter((side) => one[side] !== undefined && other[side] !== undefined);
  const pixels = (rendition: Rendition) => shared.reduce((product, side) => product * (rendition[side] ?? 1), 1);
  return pixels(one) > pixels(other);
}

/**
 * Owncast leaves sizes of 0 out of its response, and keeps numbers that have no effect: those of video or sound that is
 * passed through.
 */
const normaliseLadder = (variants: readonly Variant[]): Variant[] =>
  variants.map((variant) => ({
    ...variant,
    scaledWidth: variant.scaledWidth ?? 0,
    scaledHeight: variant.scaledHeight ?? 0,
    ...((variant.audioPassthrough || variant.audioBitrate === 0) && { audioPassthrough: true, audioBitrate: 0 }),
    ...(variant.videoPassthrough && {
      videoBitrate: 0,
      scaledWidth: 0,
      scaledHeight: 0,
      framerate: 0,
      cpuUsageLevel: 0,
    }),
  }));

/**
 * The renditions that viewers' players choose from, smallest first. The list replaces Owncast's.
 * @example [{ name: HD, width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 }]
 */
export const ladder = z
  .array(rendition)
  .min(1)
  .max(8)
  .check(({ value, issues }) => {
    for (const { index, message } of ladderFaults(value))
      issues.push({ code: "custom", message, input: value[index], path: [index] });
  })
  .register(settings, {
    write: "video/streamoutputvariants",
    read: "/videoSettings/videoQualityVariants",
    takesEffect: "next-stream",
    ownDefault: {
      says: "a single rendition of 1200 kbit/s, 24 frames per second, in the camera's size",
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
    decode: (variants: readonly Variant[]) => variants.map(decodeVariant),
    normalise: normaliseLadder,
  });
