import { z } from "zod";
import { settings } from "../core/registry.ts";
import { ladder, levelIndex, levelName, levels } from "./ladder.ts";
import { ladderOrPreset } from "./presets.ts";

/**
 * Buffer between camera and viewer, in segment lengths of 1 to 5 s: `low` for questions and answers, `high` for shaky
 * networks.
 * @example low
 */
const latency = z.enum(levels).register(settings, {
  write: "video/streamlatencylevel",
  read: "/videoSettings/latencyLevel",
  takesEffect: "next-stream",
  ownDefault: { value: "medium" },
  encode: levelIndex,
  show: levelName,
});

const codecs = ["libx264", "h264_vaapi", "h264_nvenc", "h264_qsv", "h264_omx", "h264_v4l2m2m"] as const;

/**
 * The encoder. `libx264` runs on any processor. Each of the others needs a device; on a machine without it, every
 * stream fails.
 * @example libx264
 */
const codec = z.enum(codecs).register(settings, {
  write: "video/codec",
  read: "/videoCodec",
  takesEffect: "next-stream",
  ownDefault: { value: "libx264" },
});

/** Video and sound. */
export const videoStage = z.strictObject({
  latency: latency.exactOptional(),
  ladder: ladderOrPreset.exactOptional(),
  codec: codec.exactOptional(),
});

/** Video and sound, as a seed has them. */
export const videoSeed = z.strictObject({
  latency: latency.exactOptional(),
  ladder: ladder.exactOptional(),
  codec: codec.exactOptional(),
});
