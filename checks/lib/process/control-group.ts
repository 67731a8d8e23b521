import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Bounds as a unit has them: MemoryMax and TasksMax. */
export interface Bounds {
  readonly memoryBytes: number;
  readonly tasks: number;
}

/** A control group with bounds, for processes of a test. */
export interface ControlGroup {
  /** Shell that puts the process that runs it into the group. */
  readonly enter: string;
  /** The most that its processes took at once, files that the kernel keeps in memory for them included. */
  peakBytes(): number;
  /** Removes it, once its processes have ended. */
  remove(): Promise<void>;
}

const root = "/sys/fs/cgroup";

/** A group under the one that the test runs in, so that what holds for the test holds for it; undefined where none can be made. */
export function makeControlGroup(bounds: Bounds): ControlGroup | undefined {
  try {
    return existsSync(join(root, "cgroup.controllers")) ? makeUnified(bounds) : makeByController(bounds);
  } catch {
    return undefined;
  }
}

/** One tree with all controllers. The group that the test runs in holds processes, and so cannot have bounded ones below it. */
function makeUnified({ memoryBytes, tasks }: Bounds): ControlGroup {
  const folder = join(root, groupName());
  const values = { "memory.max": memoryBytes, "pids.max": tasks };
  return make([folder], "memory.peak", () => {
    for (const [name, value] of Object.entries(values)) writeFileSync(join(folder, name), `${value}`);
  });
}

/** A tree for each controller, as before cgroup v2. */
function makeByController({ memoryBytes, tasks }: Bounds): ControlGroup {
  const name = groupName();
  const [memory, pids] = ["memory", "pids"].map((one) => join(root, one, ownGroup(one), name)) as [string, string];
  return make([memory, pids], "memory.max_usage_in_bytes", () => {
    writeFileSync(join(memory, "memory.limit_in_bytes"), `${memoryBytes}`);
    writeFileSync(join(pids, "pids.max"), `${tasks}`);
  });
}

/** Makes the folders, which the kernel fills, and sets the bounds; all of it or nothing. */
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
        // The kernel takes a moment to let go of a process that was killed.
        for (let tries = 0; readFileSync(join(folder, "cgroup.procs"), "utf8") !== "" && tries < 100; tries++)
          await sleep(20);
        rmdirSync(folder);
      }
    },
  };
}
