import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runNix } from "./nix.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A copy of the flake with a stand-in for nixpkgs beside it, and a Nix store of its own. Offline. */
export interface Sandbox {
  /** The copy of the tree that commands read; tests may change it. */
  readonly tree: string;
  /** Runs `nix` on the flake, nixpkgs replaced: `nix(["eval"], "checks")` is `nix eval <flake>#checks`. */
  nix(command: readonly string[], attribute?: string, options?: readonly string[]): Promise<string>;
  /** The same on another flake, in a folder of its own. */
  nixIn(place: string, command: readonly string[], attribute?: string, options?: readonly string[]): Promise<string>;
  /** The same without replacing nixpkgs: for what must be right about the lock file itself. */
  nixWithLock(command: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Makes a sandbox in the temporary folder. What Git would take in is copied, tracked or not, so the index does not matter. */
export async function makeSandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), "lectern-flake-"));
  const tree = join(folder, "tree");
  const nixpkgs = join(folder, "nixpkgs");
  await copyTree(tree);
  await cp(join(root, "checks/stub-nixpkgs"), nixpkgs, { recursive: true });
  await cp(await libFolder(), join(nixpkgs, "lib"), { recursive: true, dereference: true });

  const flake = `path:${tree}`;
  const isolated = ["--offline", "--store", join(folder, "store"), "--option", "eval-cache", "false"];
  const stubbed = ["--override-input", "nixpkgs", `path:${nixpkgs}`, "--no-write-lock-file"];
  const environment = { XDG_CACHE_HOME: join(folder, "cache") };
  const nixIn: Sandbox["nixIn"] = (place, command, attribute, options = []) => {
    const target = attribute === undefined ? `path:${place}` : `path:${place}#${attribute}`;
    return runNix("nix", [...command, target, ...isolated, ...stubbed, ...options], environment);
  };
  return {
    tree,
    nix: (command, attribute, options) => nixIn(tree, command, attribute, options),
    nixIn,
    nixWithLock: (command) => runNix("nix", [...command, flake, ...isolated, "--no-update-lock-file"], environment),
    remove: async () => {
      // What Nix puts into a store is read-only, folders included.
      await run("chmod", ["-R", "u+w", folder]);
      await rm(folder, { recursive: true });
    },
  };
}

async function copyTree(target: string): Promise<void> {
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of new Set(stdout.split("\0").filter((name) => name !== ""))) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(root, file), join(target, file)).catch(ignoreDeleted);
  }
}

// A file that is deleted but still in the index.
function ignoreDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function libFolder(): Promise<string> {
  const found = await runNix("nix-instantiate", [
    ...["--store", "dummy://", "--eval", "--json"],
    ...["--expr", "toString <nixpkgs/lib>"],
  ]);
  return JSON.parse(found);
}
