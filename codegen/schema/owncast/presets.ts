import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { ladder, type Rendition, renditionShape } from "./ladder.ts";

const at30 = (name: string, width: number, height: number, bitrateKbps: number): Rendition => ({
  name,
  width,
  height,
  framerate: 30,
  bitrateKbps,
});

/**
 * Ready-made ladders. `lecture` takes the middle of each range that is usual for talks; `lecture-high` is for slides
 * with small print and good networks.
 */
const presets = {
  lecture: [at30("SD", 854, 480, 1000), at30("HD", 1280, 720, 1600), at30("FHD", 1920, 1080, 3200)],
  "lecture-high": [at30("SD", 854, 480, 1200), at30("HD", 1280, 720, 3000), at30("FHD", 1920, 1080, 4500)],
} as const satisfies Record<string, readonly Rendition[]>;
type PresetName = keyof typeof presets;

const presetName = z.enum(Object.keys(presets) as PresetName[]);

const adjustedPreset = z.strictObject({
  /**
   * The preset to start from.
   * @example lecture
   */
  preset: presetName,
  /**
   * Renditions to leave out, by name.
   * @example [FHD]
   */
  without: z
    .array(z.enum(["SD", "HD", "FHD"]))
    .min(1)
    .max(2)
    .exactOptional(),
  /**
   * Frames per second, for all renditions.
   * @example 25
   */
  framerate: renditionShape.shape.framerate,
  /**
   * Sound bitrate in kbit/s, for all renditions.
   * @example 128
   */
  audioBitrateKbps: renditionShape.shape.audioBitrateKbps,
  /**
   * Effort of the encoder, for all renditions.
   * @example low
   */
  cpuUsage: renditionShape.shape.cpuUsage,
});

/**
 * The renditions that viewers' players choose from: a preset's name, a preset with changes, or a list, smallest first.
 * It replaces Owncast's. `lecture` is SD 1000, HD 1600 and FHD 3200 kbit/s; `lecture-high` is SD 1200, HD 3000 and FHD
 * 4500.
 * @example lecture
 */
export const ladderOrPreset = z.union([presetName, adjustedPreset, ladder]);

/** The renditions that a stage file's ladder stands for. */
export function expandLadder(written: z.output<typeof ladderOrPreset>): readonly Rendition[] {
  if (typeof written === "string") return presets[written];
  if (!("preset" in written)) return written;
  const { preset, without = [], ...changes } = written;
  return presets[preset]
    .filter(({ name }) => !without.some((left) => left === name))
    .map((rendition) => ({ ...rendition, ...changes }));
}

/**
 * The shortest way to write a ladder: a preset's name, a preset with changes, or the list. `expandLadder` undoes it.
 */
export function contractLadder(ladder: readonly Rendition[]): z.output<typeof ladderOrPreset> {
  const [first] = ladder;
  const changed = (preset: PresetName) => ({
    without: presets[preset].map(({ name }) => name).filter((name) => !ladder.some((one) => one.name === name)),
    ...(first?.framerate !== 30 && { framerate: first?.framerate }),
    ...(first?.audioBitrateKbps !== undefined && { audioBitrateKbps: first.audioBitrateKbps }),
    ...(first?.cpuUsage !== undefined && { cpuUsage: first.cpuUsage }),
  });
  for (const preset of presetName.options) {
    const { without, ...rest } = changed(preset);
    const isPlain = without.length === 0 && Object.keys(rest).length === 0;
    const written = ladderOrPreset.safeParse(
      isPlain ? preset : { preset, ...(without.length > 0 && { without }), ...rest },
    );
    if (written.success && isDeepStrictEqual(expandLadder(written.data), ladder)) return written.data;
  }
  return [...ladder];
}
