import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schemaPlace } from "../../src/owncast/export/stage-text.ts";
import { verbs } from "../../src/program.ts";
import { node24 } from "../../tools/node24/fetch.mjs";
import { runNix } from "../lib/nix/nix.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Production packages as the flake's fixed-output derivation makes them, by its own script, in a folder of its own. */
async function installPackages(folder: string, path = process.env.PATH): Promise<string> {
  await mkdir(folder);
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) await cp(join(root, file), join(folder, file));
  const script = `runHook() { :; }\n${await ofPackage<string>("package.nodeModules.buildPhase")}`;
  // Its HOME is empty, as for Nix. It takes packages that are already downloaded from this cache.
  const cache = (await run("npm", ["config", "get", "cache"])).stdout.trim();
  const env = {
    ...process.env,
    PATH: path,
    TMPDIR: folder,
    npm_config_cache: cache,
    npm_config_prefer_offline: "true",
  };
  await run("sh", ["-euc", script], { cwd: folder, env });
  return join(folder, "node_modules");
}

/** The value of an expression about the package. */
async function ofPackage<T>(what: string): Promise<T> {
  const expression = `
    { root }:
    let
      lib = import <nixpkgs/lib>;
      pkgs = import (/. + root + "/checks/stub-nixpkgs/packages.nix") { inherit lib; system = "x86_64-linux"; };
      package = pkgs.callPackage (/. + root + "/nix/lectern.nix") { };
    in
    ${what}
  `;
  const flags = ["--store", "dummy://", "--eval", "--strict", "--json"];
  return JSON.parse(await runNix("nix-instantiate", [...flags, "--argstr", "root", root, "--expr", expression]));
}

/** The files that the package takes from this tree, relative to it. */
const packagedFiles = async (): Promise<string[]> =>
  (await ofPackage<string[]>("map toString package.sourceFiles")).map((file) => relative(root, file));

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

  /** A PATH with an npm that leaves empty folders behind, as 10.9 and 11.3 do, and 11.6 does not. */
  async function withOlderNpm(): Promise<string> {
    const bin = join(folder, "bin");
    const npm = (await run("sh", ["-c", "command -v npm"])).stdout.trim();
    await mkdir(bin);
    const script = `#!/bin/sh\n"${npm}" "$@" && mkdir -p node_modules/@empty/package\n`;
    await writeFile(join(bin, "npm"), script, { mode: 0o755 });
    return `${bin}:${process.env.PATH}`;
  }

  it("pins its production packages by a hash that is the same for each npm and each installation", async () => {
    const text = await readFile(join(root, "nix/lectern.nix"), "utf8");
    const [, written] = /outputHash = "(.*)"/.exec(text) ?? [];
    expect(await hashOf(packages)).toBe(written);
    expect(await hashOf(await installPackages(join(folder, "again"), await withOlderNpm()))).toBe(written);
  });

  it("runs on a Node without npm, which a host does not need", async () => {
    const nodes = (await ofPackage<string>("package.installPhase")).match(/-nodejs[^/]*\/bin\/\w+/g);
    expect(nodes).toStrictEqual([expect.stringMatching(/^-nodejs-slim_24-24\.[\d.]+\/bin\/node$/)]);
  });

  it("has the program that puts viewers of a rehearsal far away, which needs no module", async () => {
    expect(await ofPackage<string>("package.installPhase")).toMatch(/:\S*-far-link-[\d.]+\/bin/);
    const farLink = 'pkgs.callPackage (/. + root + "/nix/far-link.nix") { }';
    expect(await ofPackage<string>(`toString (${farLink}).src`)).toBe(join(root, "tools/far-link"));
    expect(await ofPackage<null>(`(${farLink}).vendorHash`)).toBeNull();
    // Without modules, Nix needs no hash of them.
    expect(await readFile(join(root, "tools/far-link/go.mod"), "utf8")).not.toMatch(/^(require|replace|tool)\b/m);
  });

  it("can run each of its commands if it is installed as Nix installs it", async () => {
    const tree = join(folder, "share/lectern");
    for (const file of await packagedFiles()) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await cp(join(root, file), join(tree, file));
    }
    await cp(packages, join(tree, "node_modules"), { recursive: true, verbatimSymlinks: true });
    const node = await node24();
    const lectern = async (...args: string[]) => (await run(node, [join(tree, "src/main.ts"), ...args])).stdout;
    expect(await lectern("check", join(tree, "hosts/live/stages/main.yaml"))).toContain("ok");
    for (const verb of Object.keys(verbs)) expect(await lectern(verb, "--help")).toContain(`lectern ${verb}`);
    // Read when `lectern export` runs.
    expect(await readFile(join(tree, schemaPlace), "utf8")).toContain("instance");
  });
});
