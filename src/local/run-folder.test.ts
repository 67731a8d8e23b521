import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { needs } from "../../checks/lib/needs.ts";
import { canBeAnother, nobody, swapping } from "../../checks/lib/process/other-user.ts";
import { makeRunFolder } from "./run-folder.ts";

const isRoot = process.getuid?.() === 0 && canBeAnother();
const place = fileURLToPath(new URL("run-folder.ts", import.meta.url));

let world: string;
let children: ChildProcess[] = [];
const at = (path: string): string => join(world, path);

beforeEach(() => {
  world = realpathSync(mkdtempSync(join(tmpdir(), "lectern-run-")));
  // A public folder for temporary files, which other users can use.
  chmodSync(world, 0o711);
  mkdirSync(at("tmp"));
  chmodSync(at("tmp"), 0o1777);
  mkdirSync(at("cache"), { mode: 0o700 });
  vi.stubEnv("TMPDIR", at("tmp"));
  vi.stubEnv("XDG_CACHE_HOME", at("cache"));
});

afterEach(async () => {
  for (const child of children) {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  children = [];
  vi.unstubAllEnvs();
  rmSync(world, { recursive: true, force: true, maxRetries: 5 });
});

/** A stand-in for a demo's outer process that only makes its folder. Resolves to the folder. */
async function startOther(): Promise<{ child: ChildProcess; dir: string }> {
  const program = `import { makeRunFolder } from ${JSON.stringify(place)}; console.log(makeRunFolder()); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return { child, dir: `${line}`.trim() };
}

it("is private, and lies in the user's cache folder", () => {
  const dir = makeRunFolder();
  expect(dirname(dir)).toBe(at("cache/lectern/run"));
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

it("keeps a running demo's folder, and removes a killed demo's folder", async () => {
  const { child, dir } = await startOther();
  writeFileSync(join(dir, "Caddyfile"), "");
  makeRunFolder();
  expect(existsSync(join(dir, "Caddyfile"))).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  const next = makeRunFolder();
  expect(existsSync(dir)).toBe(false);
  expect(existsSync(next)).toBe(true);
});

it("removes a link in a killed demo's folder, and not what the link leads to", async () => {
  const { child, dir } = await startOther();
  mkdirSync(at("precious"));
  writeFileSync(at("precious/file"), "");
  symlinkSync(at("precious"), join(dir, "hls"));
  child.kill("SIGKILL");
  await once(child, "exit");
  makeRunFolder();
  expect(existsSync(dir)).toBe(false);
  expect(existsSync(at("precious/file"))).toBe(true);
});

it.each<[string, (cache: string) => void]>([
  ["a link", (run) => symlinkSync(mkdirOf(at("tmp/elsewhere")), run)],
  ["a folder that others may read", (run) => mkdirSync(run, { mode: 0o755 })],
  ["a file", (run) => writeFileSync(run, "")],
])("lies among temporary files, where it removes nothing, if its usual place is %s", (_, plant) => {
  mkdirSync(at("cache/lectern"), { mode: 0o700 });
  plant(at("cache/lectern/run"));
  mkdirSync(at("tmp/lectern-demo-theirs"));
  writeFileSync(at("tmp/lectern-demo-theirs/owner"), "1 never\n");
  // A link that this user made may lead anywhere.
  const dir = makeRunFolder();
  expect([at("tmp"), at("tmp/elsewhere")]).toContain(dirname(dir));
  expect(existsSync(at("tmp/lectern-demo-theirs/owner"))).toBe(true);
});

it.each<[string, string | undefined]>([
  ["is a path that cannot be made", "/proc/cache"],
  ["has a colon, which separates folders in PATH", "a:b"],
  ["has a line break", "a\nb"],
])("lies among temporary files if the cache folder %s", (_, name) => {
  vi.stubEnv("XDG_CACHE_HOME", join(at("cache"), name ?? ""));
  if (name?.startsWith("/")) vi.stubEnv("XDG_CACHE_HOME", name);
  expect(dirname(makeRunFolder())).toBe(at("tmp"));
});

it("is refused with a remedy if neither folder can be used", () => {
  vi.stubEnv("XDG_CACHE_HOME", "/proc/cache");
  vi.stubEnv("TMPDIR", at("not-there"));
  expect(() => makeRunFolder()).toThrow(
    expect.objectContaining({
      exitCode: 1,
      message: expect.stringContaining(at("not-there")),
      remedy: "set XDG_CACHE_HOME to such a folder",
    }),
  );
});

describe("if another user", needs(isRoot, "root → sudo npm test"), () => {
  const chown = (path: string): void => chownSync(path, nobody, nobody);

  it.each<[string, () => void]>([
    ["owns the cache folder", () => chown(at("cache"))],
    ["owns a folder above it", () => chown(mkdirOf(at("cache/lectern")))],
    ["may write to it", () => chmodSync(at("cache"), 0o777)],
  ])("%s, the run folder lies among temporary files", (_, plant) => {
    plant();
    expect(dirname(makeRunFolder())).toBe(at("tmp"));
  });

  it("owns the folder for temporary files too, the demo refuses to start", () => {
    vi.stubEnv("XDG_CACHE_HOME", "/proc/cache");
    chown(at("tmp"));
    expect(() => makeRunFolder()).toThrow(/cannot/);
  });

  it("swaps folders for links while demos start, no demo removes a file elsewhere", async () => {
    mkdirSync(at("victim"));
    for (let index = 0; index < 50; index++) writeFileSync(at(`victim/file-${index}`), "");
    const attacker = spawn(
      "setpriv",
      ["--reuid", `${nobody}`, "--regid", `${nobody}`, "--clear-groups", process.execPath, "-e", swapping],
      {
        env: { ...process.env, PLACE: at("tmp"), VICTIM: at("victim"), NODE_OPTIONS: "" },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    children.push(attacker);
    await once(attacker.stdout!, "data");
    for (const until = Date.now() + 4000; Date.now() < until; await new Promise(setImmediate)) makeRunFolder();
    expect(readdirSync(at("victim"))).toHaveLength(50);
    // The attack went on until now.
    expect(attacker.exitCode).toBe(null);
    expect(readdirSync(at("tmp")).length).toBeGreaterThan(0);
  });
});

function mkdirOf(path: string): string {
  mkdirSync(path);
  return path;
}
