import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

/**
 * How many processors this process may use: those of the machine, or fewer if its affinity or a control group (a container's,
 * a unit's) says so. May be a fraction. Node 20 knows nothing of control groups. `root` is where /proc and /sys lie.
 */
export function usableProcessors(root = "/"): number {
  return Math.min(availableParallelism(), ...quotas(root));
}

/** What each control group that this process is in grants, in processors. */
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

/** A group and those around it, whose limits hold too. In a container the path may be another namespace's: the last is always there. */
const upwards = (path: string): string[] => (path === "/" ? ["/"] : [path, ...upwards(dirname(path))]);

/** Version 1 has in two files what version 2 has in one. */
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
