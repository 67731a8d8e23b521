import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";

type Ladder = NonNullable<NonNullable<Seed["video"]>["ladder"]>;
type Rendition = Ladder[number];

// Processor time for a million pixels, by Owncast's x264 presets from ultrafast to fast: the ladder `lecture` at 30 frames a second
// (102 million pixels each second) takes 0.48, 0.7, 0.92, 1.66 and 2.14 processors, decoding and scaling included.
const perMegapixel = { lowest: 0.0047, low: 0.0069, medium: 0.009, high: 0.016, highest: 0.021 } as const;
// The synthetic camera films and encodes the largest picture: 0.25 processors for 1920x1080 at 30 frames a second.
const cameraPerMegapixel = 0.004;
// Owncast, Caddy, keeper, gate, and a viewer's probe.
const besides = 0.25;
// Rented processors are up to twice as slow as those that were measured, and share with their neighbours.
const share = 0.6;

/** The number of processors that play a ladder without stalls, even if they are slow. Includes the synthetic camera. */
export const processorsNeeded = (ladder: Ladder): number => Math.ceil(processorsTaken(ladder) / share);

function processorsTaken(ladder: Ladder): number {
  const encoded = ladder.reduce(
    (sum, rendition) => sum + megapixels(rendition) * perMegapixel[rendition.cpuUsage ?? "medium"],
    0,
  );
  return encoded + cameraPerMegapixel * Math.max(0, ...ladder.map(megapixels)) + besides;
}

const fits = (ladder: Ladder, processors: number): boolean => processorsTaken(ladder) <= processors * share;

/** A ladder for few processors, and its difference in words that follow "is encoded". */
export interface Lightened {
  readonly ladder: Ladder;
  readonly says: string;
}

/**
 * The smallest change that makes a ladder fit: first less encoder effort, which changes no size, rate or bitrate, then fewer large
 * renditions. Undefined if the ladder already fits. The last rendition always stays. Pure.
 */
export function lightened(ladder: Ladder, processors: number): Lightened | undefined {
  if (fits(ladder, processors)) return undefined;
  const lowest = ladder.map(
    (rendition): Rendition => (rendition.passthrough ? rendition : { ...rendition, cpuUsage: "lowest" }),
  );
  const kept = lowest.findLastIndex((_, index) => fits(lowest.slice(0, index + 1), processors));
  const light = lowest.slice(0, Math.max(kept, 0) + 1);
  const gone = ladder.slice(light.length).map(({ name }) => name);
  const without = gone.length === 0 ? "" : `, without ${gone.join(" and ")}`;
  return { ladder: light, says: `with cpuUsage: lowest${without}` };
}

/** Pixels a second, in millions; a passthrough rendition has none. */
const megapixels = ({ width = 0, height = 0, framerate = 0 }: Rendition): number => (width * height * framerate) / 1e6;

/**
 * How many processors this process may use: those of the machine, or fewer if its affinity or a control group (a container's,
 * a unit's) limits it. May be a fraction. Node 20 ignores control groups. `root` is the folder of /proc and /sys.
 */
export function usableProcessors(root = "/"): number {
  return Math.min(availableParallelism(), ...quotas(root));
}

/** The limits of this process's control groups, in processors. */
function quotas(root: string): number[] {
  const groups = join(root, "sys/fs/cgroup");
  return read(join(root, "proc/self/cgroup"))
    .split("\n")
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
      if (path === undefined) return [];
      if (controllers === "") return upwards(path).map((group) => quota(read(join(groups, group, "cpu.max"))));
      if (!controllers?.split(",").includes("cpu")) return [];
      const place = join(groups, controllers);
      return upwards(path).map((group) => quota(version1(join(place, group))));
    })
    .filter((processors) => processors > 0);
}

/** A group and its parents, whose limits also apply. In a container the path may be another namespace's: only the last always exists. */
const upwards = (path: string): string[] => (path === "/" ? ["/"] : [path, ...upwards(dirname(path))]);

/** Version 1 has two files for the one of version 2. */
const version1 = (group: string): string =>
  `${read(join(group, "cpu.cfs_quota_us")).trim()} ${read(join(group, "cpu.cfs_period_us")).trim()}`;

/** Microseconds granted in each period of so many; without a limit `max`, or -1. */
function quota(text: string): number {
  const [, granted, period] = /^(\d+) (\d+)\s*$/.exec(text) ?? [];
  return granted === undefined ? Number.NaN : Number(granted) / Number(period);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
