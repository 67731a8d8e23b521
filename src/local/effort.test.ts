import { describe, expect, it } from "vitest";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { lightened, processorsNeeded } from "./effort.ts";

const lecture = (await loadSeed("hosts/live/stages/main.yaml")).video?.ladder ?? [];
const names = (ladder: readonly { readonly name: string }[] | undefined) => ladder?.map(({ name }) => name);

describe("the ladder of the example", () => {
  it.each([
    { processors: 64, says: undefined, renditions: undefined },
    { processors: 4, says: undefined, renditions: undefined },
    { processors: 3, says: undefined, renditions: undefined },
    { processors: 2, says: "with cpuUsage: lowest", renditions: ["SD", "HD", "FHD"] },
    { processors: 1.5, says: "with cpuUsage: lowest, without FHD", renditions: ["SD", "HD"] },
    { processors: 1, says: "with cpuUsage: lowest, without FHD", renditions: ["SD", "HD"] },
    { processors: 0.5, says: "with cpuUsage: lowest, without HD and FHD", renditions: ["SD"] },
    { processors: 0.1, says: "with cpuUsage: lowest, without HD and FHD", renditions: ["SD"] },
  ])("on $processors processors is encoded: $says", ({ processors, says, renditions }) => {
    const light = lightened(lecture, processors);
    expect([light?.says, names(light?.ladder)]).toEqual([says, renditions]);
    expect(light?.ladder.every(({ cpuUsage }) => cpuUsage === "lowest") ?? true).toBe(true);
  });

  it("keeps every size, rate and bitrate, so that the proof is of what is declared", () => {
    const light = lightened(lecture, 2)?.ladder.map(({ cpuUsage: _, ...rest }) => rest);
    expect(light).toEqual(lecture);
  });

  it("needs the more processors the more effort", () => {
    const efforts = ["lowest", "low", "medium", "high", "highest"] as const;
    const needed = efforts.map((cpuUsage) => processorsNeeded(lecture.map((one) => ({ ...one, cpuUsage }))));
    expect(needed).toEqual([2, 3, 3, 4, 5]);
  });
});

it("what is passed through costs nothing, and takes no effort", () => {
  expect(lightened([{ name: "Source", passthrough: true }], 0.5)).toBeUndefined();
  const ladder = [...lecture, { name: "Source", passthrough: true as const }];
  expect(lightened(ladder, 2)?.ladder.at(-1)).toEqual({ name: "Source", passthrough: true });
});
