import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { node24 } from "../../bench/node24.mjs";
import { verbs } from "../../cli/program.ts";
import { schemaPlace } from "../../cli/reconcile/export/setting-docs.ts";
import { runNix } from "../eval/nix.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Production packages as the flake's fixed-output derivation makes them, in a folder of its own. */
async function installPackages(folder: string): Promise<string> {
  await mkdir(folder);
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) await cp(join(root, file), join(folder, file));
  const flags = ["--omit=dev", "--ignore-scripts", "--no-update-notifier", "--prefer-offline"];
  await run("npm", ["ci", ...flags], { cwd: folder });
  await rm(join(folder, "node_modules/.package-lock.json"));
  return join(folder, "node_modules");
}

/** The files that the package takes from this tree, relative to it. */
async function packagedFiles(): Promise<string[]> {
  const expression = `
    { root }:
    let
      lib = import <nixpkgs/lib>;
      pkgs = import (/. + root + "/checks/stub-nixpkgs/packages.nix") { inherit lib; system = "x86_64-linux"; };
      package = pkgs.callPackage (/. + root + "/nix/lectern.nix") { };
    in
    map toString package.sourceFiles
  `;
  const flags = ["--store", "dummy://", "--eval", "--strict", "--json"];
  const files = JSON.parse(
    await runNix("nix-instantiate", [...flags, "--argstr", "root", root, "--expr", expression]),
  ) as string[];
  return files.map((file) => relative(root, file));
}

describe("the package", () => {
  let folder: string;
  let packages: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lectern-package-"));
    packages = await installPackages(join(folder, "npm"));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  const hashOf = async (path: string) =>
    (await runNix("nix", ["hash", "path", "--type", "sha256", "--sri", path])).trim();

  it("holds its production packages by the hash of what npm makes, the same each time", async () => {
    const text = await readFile(join(root, "nix/lectern.nix"), "utf8");
    const [, written] = /outputHash = "(.*)"/.exec(text) ?? [];
    expect(await hashOf(packages)).toBe(written);
    expect(await hashOf(await installPackages(join(folder, "again")))).toBe(written);
  });

  it("installed as Nix does, its Node runs every command of it", async () => {
    const tree = join(folder, "share/lectern");
    for (const file of await packagedFiles()) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await cp(join(root, file), join(tree, file));
    }
    await cp(packages, join(tree, "node_modules"), { recursive: true, verbatimSymlinks: true });
    const node = await node24();
    const lectern = async (...args: string[]) => (await run(node, [join(tree, "cli/main.ts"), ...args])).stdout;
    expect(await lectern("check", join(tree, "hosts/live/stages/main.yaml"))).toContain("ok");
    for (const verb of Object.keys(verbs)) expect(await lectern(verb, "--help")).toContain(`lectern ${verb}`);
    // Read when `lectern export` runs.
    expect(await readFile(join(tree, schemaPlace), "utf8")).toContain("instance");
  });
});
