import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TestFolder } from "../lib/keeper/model-folder.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";

// Whole packets: the keeper keeps only these.
const segmentBytes = 128 * 188;

let folder: TestFolder;
let holder: ChildProcess;
let keeper: ChildProcess;
let said: string;

/** Runs a command line with a small file system as the keeper's folder: it is too small for three segments. */
const inside = (line: string): readonly string[] => [
  "nsenter",
  `--target=${holder.pid}`,
  "--mount",
  "--",
  "sh",
  "-c",
  line,
];
const run = async (line: string): Promise<string> => {
  const [program = "", ...args] = inside(line);
  return (await promisify(execFile)(program, args)).stdout;
};

beforeEach(async () => {
  folder = new TestFolder();
  said = "";
  mkdirSync(folder.keptDir);
  const mount = `mount -t tmpfs -o size=64k tmpfs ${folder.keptDir} && echo ready && exec cat`;
  holder = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", mount], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holder.stdout as NonNullable<ChildProcess["stdout"]>, "data");
});
afterEach(async () => {
  for (const child of [keeper, holder]) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  folder.remove();
});

const socketPath = (): string => join(folder.root, "keeper.sock");

function startKeeper(): void {
  const flags = `--owncast http://127.0.0.1:9 --hls-dir ${folder.hlsDir} --kept-dir ${folder.keptDir} --listen unix:${socketPath()}`;
  const [program = "", ...args] = inside(`exec ${lecternCommand("keeper").join(" ")} ${flags}`);
  keeper = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  keeper.stderr?.on("data", (chunk) => {
    said += chunk;
  });
}

async function ask(path: string): Promise<string> {
  const [response] = await once(get({ socketPath: socketPath(), path }), "response");
  return text(response);
}

/** Lets Owncast write one more segment, and expects it in players' playlists. */
async function expectSegment(name: string): Promise<string> {
  folder.owncast.segment();
  folder.write(segmentBytes);
  await expect.poll(() => ask("/hls/0/stream.m3u8").catch(String), { timeout: 30_000 }).toContain(name);
  return ask("/hls/0/stream.m3u8");
}

const times = (what: string): number => said.split(what).length - 1;

test("players always get a playlist: with a full or read-only disk, after a kill, and with an unreadable state file", async () => {
  folder.owncast.connect(1, 2, 3);
  folder.write();
  startKeeper();
  for (let index = 0; index < 5; index++) await expectSegment(`stream-s1-x-${index}.ts`);
  expect([times("cannot keep segments: ENOSPC"), times("keeps segments again")]).toEqual([1, 0]);
  // The keeper keeps only whole segments.
  const sizes = new Set((await run(`stat -c %s ${folder.keptDir}/0/*`)).trim().split("\n"));
  expect(sizes).toEqual(new Set([`${segmentBytes}`]));

  folder.owncast.drop();
  folder.write(segmentBytes);
  await expect.poll(() => ask("/metrics")).toContain("lectern_keeper_drops_total 1");
  folder.owncast.connect(1, 2, 3);
  folder.write();
  expect(await expectSegment("stream-s2-x-0.ts")).toMatch(/DISCONTINUITY\n(?!.*ENDLIST)/);

  await run(`mount -o remount,ro ${folder.keptDir}`);
  await expectSegment("stream-s2-x-1.ts");
  await expect.poll(() => times("cannot write its state: EROFS") + times("cannot write its state: ENOSPC")).toBe(1);
  expect(await ask("/metrics")).toContain('lectern_keeper_faulty{kind="state"} 1');

  await run(`mount -o remount,rw,size=4m ${folder.keptDir}`);
  const before = await expectSegment("stream-s2-x-2.ts");
  await expect.poll(() => ask("/metrics"), { timeout: 60_000 }).not.toMatch(/lectern_keeper_faulty\{.*\} 1/);
  expect([times("keeps segments again"), times("writes its state again")]).toEqual([1, 1]);

  // It leaves its socket behind.
  keeper.kill("SIGKILL");
  await once(keeper, "exit");
  startKeeper();
  await expect.poll(() => ask("/hls/0/stream.m3u8").catch(String), { timeout: 30_000 }).toBe(before);

  keeper.kill("SIGKILL");
  await once(keeper, "exit");
  await run(`echo '{"count":1,"variants":[null],"sessions":[]}' > ${folder.keptDir}/state.json`);
  startKeeper();
  await expectSegment("stream-s2-x-3.ts");
  expect(times("state.json.bad")).toBe(1);
});
