import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Bounds like a unit's MemoryMax and TasksMax. */
export interface Bounds {
  readonly memoryBytes: number;
  readonly tasks: number;
}

/** A control group with bounds, for a test's processes. */
export interface ControlGroup {
  /** Shell commands that move the process that runs them into the group. */
  readonly enter: string;
  /** Peak memory of its processes, with the files that the kernel keeps in memory for them. */
  peakBytes(): number;
  /** Removes it, once its processes have ended. */
  remove(): Promise<void>;
}

const root = "/sys/fs/cgroup";

/** Makes a group under the test's own group, so that the test's bounds apply to it too; undefined if that is impossible. */
export function makeControlGroup(bounds: Bounds): ControlGroup | undefined {
  try {
    return existsSync(join(root, "cgroup.controllers")) ? makeUnified(bounds) : makeByController(bounds);
  } catch {
    return undefined;
  }
}

/** cgroup v2: one tree with all controllers. The test's own group holds processes, so no bounded group can be below it. */
function makeUnified({ memoryBytes, tasks }: Bounds): ControlGroup {
  const folder = join(root, groupName());
  const values = { "memory.max": memoryBytes, "pids.max": tasks };
  return make([folder], "memory.peak", () => {
    for (const [name, value] of Object.entries(values)) writeFileSync(join(folder, name), `${value}`);
  });
}

/** cgroup v1: a tree for each controller. */
function makeByController({ memoryBytes, tasks }: Bounds): ControlGroup {
  const name = groupName();
  const [memory, pids] = ["memory", "pids"].map((one) => join(root, one, ownGroup(one), name)) as [string, string];
  return make([memory, pids], "memory.max_usage_in_bytes", () => {
    writeFileSync(join(memory, "memory.limit_in_bytes"), `${memoryBytes}`);
    writeFileSync(join(pids, "pids.max"), `${tasks}`);
  });
}

/** Makes the folders, which the kernel fills, and sets the bounds. Undoes all if one step fails. */
function make(folders: readonly string[], peakFile: string, bound: () => void): ControlGroup {
  try {
    for (const folder of folders) mkdirSync(folder);
    bound();
    return groupOf(folders, peakFile);
  } catch (error) {
    for (const folder of folders) if (existsSync(folder)) rmdirSync(folder);
    throw error;
  }
}

let made = 0;
const groupName = (): string => `lectern-test-${process.pid}-${made++}`;

const ownGroup = (controller: string): string =>
  new RegExp(`^\\d+:${controller}:(.*)$`, "m").exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";

function groupOf(folders: readonly string[], peakFile: string): ControlGroup {
  return {
    enter: folders.map((folder) => `echo $$ > ${join(folder, "cgroup.procs")}`).join(" && "),
    peakBytes: () => Number(readFileSync(join(folders[0] ?? "", peakFile), "utf8")),
    async remove() {
      for (const folder of folders) {
        // The kernel takes a moment to release a killed process.
        for (let tries = 0; readFileSync(join(folder, "cgroup.procs"), "utf8") !== "" && tries < 100; tries++)
          await sleep(20);
        rmdirSync(folder);
      }
    },
  };
}
