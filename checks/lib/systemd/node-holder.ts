// A program of its own, in its own mount and network namespaces. It boots a node and holds it. When this program or its
// parent ends, nothing of the node is left: no process, file, network or control group.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../../tools/process/run-command.mjs";
import type { BootMessage, NodeSpec } from "./node-spec.ts";

const spec = JSON.parse(process.argv[2] ?? "") as NodeSpec;
const { folder, name } = spec;
const bootScript = fileURLToPath(new URL("boot-node.sh", import.meta.url));
const groups = join(folder, "groups");
const group = join(groups, `lectern-${name}`);
const never = new AbortController().signal;

async function prepare(): Promise<void> {
  const script = `
    mount -t tmpfs -o mode=755 tmpfs "$1" && cd "$1" && mkdir upper work root groups &&
    mount -t cgroup2 cgroup2 groups && mkdir "groups/lectern-$2" && cp -a "$3/." upper && chmod 755 upper && ip link set lo up`;
  await runCommand("sh", ["-ec", script, "sh", folder, name, spec.files], { signal: never });
  writeFileSync(join(folder, "binds"), spec.binds.map(({ source, target }) => `${source}\t${target}\n`).join(""));
}

let systemd: ChildProcess | undefined;
let isEnding = false;

/** Starts systemd as the first process of the node, and reports its process id on this machine. */
async function boot(): Promise<void> {
  if (isEnding) return;
  rmSync(join(folder, "pid"), { force: true });
  const flags = ["--pid", "--fork", "--kill-child=SIGKILL", "--mount", "--uts", "--ipc", "--net", "--cgroup"];
  const { lower, address, neighbour, stranger } = spec;
  const args = [folder, lower, name, `${process.pid}`, address, neighbour, stranger.address, stranger.neighbour];
  // The shell moves into the node's control group first. The kernel ends the whole group with this process.
  const enter = 'echo $$ > "$0/cgroup.procs"; exec setpriv --pdeathsig KILL unshare "$@"';
  systemd = spawn("sh", ["-ec", enter, group, ...flags, "--propagation", "private", "sh", bootScript, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const child = systemd;
  while (!existsSync(join(folder, "pid"))) {
    if (isEnding) return;
    if (child.exitCode !== null) throw new Error(`the node did not boot: exit code ${child.exitCode}, see above`);
    await sleep(10);
  }
  if (!isEnding) process.send?.({ pid: Number(readFileSync(join(folder, "pid"), "utf8")) } satisfies BootMessage);
}

/** Runs when the node has shut itself down. */
async function bootAgain(): Promise<void> {
  if (systemd && isRunning(systemd)) await once(systemd, "exit");
  await boot();
}

/** Ends the node in any state, and cleans up after it. */
async function end(): Promise<void> {
  if (systemd && isRunning(systemd)) {
    const gone = once(systemd, "exit");
    systemd.kill("SIGKILL");
    await gone;
  }
  await removeGroups(group);
  await runCommand("umount", ["--lazy", folder], { signal: never });
  for (const path of [spec.files, folder]) rmSync(path, { recursive: true, force: true, maxRetries: 10 });
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

/** The kernel removes a control group only when all its processes are gone. That takes a moment. */
async function removeGroups(path: string): Promise<void> {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) await removeGroups(join(path, entry.name));
  for (let tries = 0; existsSync(path); tries++)
    try {
      rmdirSync(path);
    } catch (error) {
      if (tries > 500) throw error;
      await sleep(20);
    }
}

// Handle messages one after the other. Only the end does not wait.
let work = prepare().then(boot);
process.on("message", () => {
  work = work.then(bootAgain);
});
process.once("disconnect", () => {
  isEnding = true;
  void work.finally(end).then(() => process.exit(0), fail);
  if (systemd && isRunning(systemd)) systemd.kill("SIGKILL");
});
work.catch(fail);

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}
