import { levelName } from "../../codegen/schema/levels.ts";

const words: Readonly<Record<string, string>> = {
  name: "name",
  videoPassthrough: "passthrough",
  scaledWidth: "width",
  scaledHeight: "height",
  framerate: "framerate",
  videoBitrate: "bitrateKbps",
  audioBitrate: "audioBitrateKbps",
  cpuUsageLevel: "cpuUsage",
};

/** Owncast's output variants in the stage file's words, without what says nothing; anything else as it is. */
export function ladderWords(ladder: unknown): unknown {
  if (!Array.isArray(ladder)) return ladder;
  return ladder.map((variant: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(words).flatMap(([theirs, ours]) => {
        const value = variant[theirs];
        if (ours === "cpuUsage" && !variant.videoPassthrough) return [[ours, levelName(Number(value))]];
        return value === undefined || value === 0 || value === false ? [] : [[ours, value]];
      }),
    ),
  );
}
