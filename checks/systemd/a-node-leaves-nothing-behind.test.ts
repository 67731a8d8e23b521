import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { named } from "../lib/systemd/from-set-up.ts";
import { until } from "../lib/systemd/node-command.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

/** Boots a node in a process of its own, which then runs the given code. */
async function bootAnd(then: string): Promise<{ files: string; folder: string; group: string; network: string }> {
  const files = mkdtempSync(join(tmpdir(), "lectern-files-"));
  const script = `
    import { readFileSync, readlinkSync } from "node:fs";
    import { startNode } from ${JSON.stringify(new URL("../lib/systemd/node.ts", import.meta.url).href)};
    const lower = process.env["ROOTFS_" + process.env.LECTERN_SUITE.toUpperCase()];
    const node = await startNode({ lower, files: ${JSON.stringify(files)}, binds: [] });
    const folder = readFileSync("/proc/" + node.holder + "/mountinfo", "utf8").match(/ (\\S*lectern-node-\\S+) /)[1];
    const network = readlinkSync("/proc/" + node.holder + "/ns/net");
    const group = await node.succeed("hostname");
    process.stdout.write(JSON.stringify({ files: ${JSON.stringify(files)}, folder, network, group }), async () => { ${then} });`;
  const child = spawn(named("NODE24"), ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(await text(child.stdout));
}

/** The processes in a network namespace. */
const membersOf = (network: string): string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/net`) === network;
    } catch {
      return false;
    }
  });

test.each([
  ["it is told to stop", "await node.stop();"],
  ["whoever started it is killed", "process.kill(process.pid, 'SIGKILL');"],
  [
    "whoever started it is killed while it reboots",
    "node.reboot().catch(() => {}); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);",
  ],
])("nothing of a node is left when %s", async (_, then) => {
  const { files, folder, group, network } = await bootAnd(then);
  expect(network).toMatch(/^net:\[\d+\]$/);
  await until("all its processes are gone", async () => membersOf(network).length === 0);
  await until("its files are gone", async () => !existsSync(files) && !existsSync(folder));
  expect(groupsNamed(group)).toEqual([]);
  expect(readFileSync("/proc/mounts", "utf8")).not.toContain(folder);
});

/** All control groups of this machine that belong to a node, at any mount point. */
function groupsNamed(name: string): string[] {
  const mounts = readFileSync("/proc/mounts", "utf8").matchAll(/^\S+ (\S+) cgroup2 /gm);
  return [...mounts].flatMap(([, path = ""]) => readdirSync(path).filter((entry) => entry.includes(name)));
}
