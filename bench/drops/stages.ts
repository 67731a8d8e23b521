import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Picture } from "../../src/media/declared-renditions.ts";

/** A stage of this benchmark. */
export interface StageOfDrops {
  readonly name: string;
  readonly latency: "low" | "medium" | "high";
  readonly ladder: readonly object[];
  /** If true: all rounds, with kills of the servers, and with viewers behind the article's front. Else each drop once. */
  readonly isMain: boolean;
  /** Whether one page stays through all losses, each of which shortens its buffer. Else each loss gets a new page. */
  readonly stays?: true;
}

/** The camera's video if no rendition decides it. Small, as players decode it on the same processors. */
export const picture: Picture = { width: 640, height: 360, framerate: 30, bitrateKbps: 600 };

const rendition = (name: string, width: number, height: number, bitrateKbps: number) => ({
  ...{ name, width, height, bitrateKbps },
  framerate: picture.framerate,
  cpuUsage: "lowest",
});
const two = [rendition("S", 320, 180, 400), rendition("M", 480, 270, 500)];

export const stages: readonly StageOfDrops[] = [
  { name: "two renditions", latency: "low", ladder: two, isMain: true },
  { name: "one page through all", latency: "low", ladder: two, isMain: true, stays: true },
  { name: "passed through", latency: "low", ladder: [{ name: "Camera", passthrough: true }], isMain: false },
  {
    ...{ name: "three renditions", latency: "low", isMain: false },
    ladder: [...two, rendition("L", picture.width, picture.height, picture.bitrateKbps)],
  },
  { name: "two renditions, level 2", latency: "medium", ladder: two, isMain: false },
  { name: "two renditions, level 3", latency: "high", ladder: two, isMain: false },
];

/** Writes a stage's file into a folder; returns its path. */
export function writeStageFile(folder: string, { name, latency, ladder }: StageOfDrops): string {
  const file = join(folder, `${name.replaceAll(/[^a-z0-9]+/g, "-")}.yaml`);
  writeFileSync(file, stringify({ instance: { name, pageText: "" }, video: { latency, ladder } }));
  return file;
}
