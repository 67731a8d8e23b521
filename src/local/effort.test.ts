import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { lightened, processorsNeeded, usableProcessors } from "./effort.ts";

const lecture = (await loadSeed("hosts/live/stages/main.yaml")).video?.ladder ?? [];
const names = (ladder: readonly { readonly name: string }[] | undefined) => ladder?.map(({ name }) => name);

describe("the example's ladder", () => {
  it.each([
    { processors: 64, says: undefined, renditions: undefined },
    { processors: 4, says: undefined, renditions: undefined },
    { processors: 3, says: undefined, renditions: undefined },
    { processors: 2, says: "with cpuUsage: lowest", renditions: ["SD", "HD", "FHD"] },
    { processors: 1.5, says: "with cpuUsage: lowest, without FHD", renditions: ["SD", "HD"] },
    { processors: 1, says: "with cpuUsage: lowest, without FHD", renditions: ["SD", "HD"] },
    { processors: 0.5, says: "with cpuUsage: lowest, without HD and FHD", renditions: ["SD"] },
    { processors: 0.1, says: "with cpuUsage: lowest, without HD and FHD", renditions: ["SD"] },
  ])("is encoded on $processors processors: $says", ({ processors, says, renditions }) => {
    const light = lightened(lecture, processors);
    expect([light?.says, names(light?.ladder)]).toEqual([says, renditions]);
    expect(light?.ladder.every(({ cpuUsage }) => cpuUsage === "lowest") ?? true).toBe(true);
  });

  it("keeps every declared size, frame rate and bitrate", () => {
    const light = lightened(lecture, 2)?.ladder.map(({ cpuUsage: _, ...rest }) => rest);
    expect(light).toEqual(lecture);
  });

  it("needs more processors for more effort", () => {
    const efforts = ["lowest", "low", "medium", "high", "highest"] as const;
    const needed = efforts.map((cpuUsage) => processorsNeeded(lecture.map((one) => ({ ...one, cpuUsage }))));
    expect(needed).toEqual([2, 3, 3, 4, 5]);
  });
});

it("a passthrough rendition needs no processor, and gets no effort setting", () => {
  expect(lightened([{ name: "Source", passthrough: true }], 0.5)).toBeUndefined();
  const ladder = [...lecture, { name: "Source", passthrough: true as const }];
  expect(lightened(ladder, 2)?.ladder.at(-1)).toEqual({ name: "Source", passthrough: true });
});

const root = mkdtempSync(join(tmpdir(), "lectern-processors-"));
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Case {
  readonly claim: string;
  readonly groups: string;
  readonly files: Readonly<Record<string, string>>;
  readonly processors: number;
}

const all = availableParallelism();

it.each<Case>([
  { claim: "all of the machine if there are no control groups", groups: "", files: {}, processors: all },
  {
    claim: "all of the machine if there is no limit",
    groups: "0::/",
    files: { "cpu.max": "max 100000\n" },
    processors: all,
  },
  { claim: "a container's limit", groups: "0::/", files: { "cpu.max": "50000 100000\n" }, processors: 0.5 },
  {
    claim: "the smallest limit of a unit and the slices around it",
    groups: "0::/a.slice/b.service",
    files: { "a.slice/b.service/cpu.max": "max 100000\n", "a.slice/cpu.max": "70000 100000\n" },
    processors: 0.7,
  },
  {
    claim: "the limit of control groups of version 1",
    groups: "4:memory:/x\n3:cpu,cpuacct:/x\n0::/",
    files: { "cpu,cpuacct/x/cpu.cfs_quota_us": "80000\n", "cpu,cpuacct/x/cpu.cfs_period_us": "100000\n" },
    processors: 0.8,
  },
  {
    claim: "all of the machine if version 1 has no limit",
    groups: "1:cpu:/",
    files: { "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n" },
    processors: all,
  },
  {
    claim: "the container's limit if the path belongs to another namespace",
    groups: "0::/../elsewhere",
    files: { "cpu.max": "50000 100000\n" },
    processors: 0.5,
  },
  {
    claim: "all of the machine if the files hold nonsense",
    groups: "0::/\nrubbish",
    files: { "cpu.max": "0 0\n" },
    processors: all,
  },
])("the usable processors are $claim", ({ groups, files, processors }) => {
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("proc/self/cgroup", groups);
  for (const [name, text] of Object.entries(files)) put(join("sys/fs/cgroup", name), text);
  expect(usableProcessors(root)).toBe(processors);
});
