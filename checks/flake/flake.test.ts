import { readdirSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sample } from "../lib/exhaustive.ts";
import { refusalOf } from "../lib/nix/nix.ts";
import { makeSandbox, type Sandbox } from "../lib/nix/sandbox.ts";

const check = ["flake", "check", "--no-build"];
const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8"));

// A host and a VM test of this copy are ready for faults, and have none yet: the flake's check passes with both.
let sandbox: Sandbox;
const host = (text = "") =>
  writeFile(join(sandbox.tree, "hosts/live/default.nix"), `{ imports = [ ./intact.nix ]; ${text} }`);
const machine = (text = "") =>
  writeFile(
    join(sandbox.tree, "checks/vm/misspelt.nix"),
    `{ pkgs }: pkgs.testers.runNixOSTest { name = "misspelt"; testScript = ""; nodes.server = { imports = [ (import ./lib/roles.nix { inherit pkgs; }).server ]; ${text} }; }`,
  );
beforeAll(async () => {
  sandbox = await makeSandbox();
  await rename(join(sandbox.tree, "hosts/live/default.nix"), join(sandbox.tree, "hosts/live/intact.nix"));
  await host();
  await machine();
});
afterAll(async () => sandbox.remove());

describe("the flake", () => {
  it("passes nix flake check in every output", async () => {
    await expect(sandbox.nix(check)).resolves.toBeDefined();
  });

  it("has every file of checks/eval and checks/vm as a check, for both systems", async () => {
    const names = "builtins.mapAttrs (_: builtins.attrNames)";
    const checks = JSON.parse(await sandbox.nix(["eval", "--json"], "checks", ["--apply", names]));
    const files = ["checks/eval", "checks/vm"].flatMap((folder) => readdirSync(join(sandbox.tree, folder)));
    const claims = files.filter((name) => name.endsWith(".nix"));
    const expected = claims.map((name) => basename(name, ".nix")).sort();
    expect(checks).toStrictEqual({ "aarch64-linux": expected, "x86_64-linux": expected });
  });

  it("has a machine for each folder of hosts", async () => {
    const hosts = JSON.parse(
      await sandbox.nix(["eval", "--json"], "nixosConfigurations", ["--apply", "builtins.attrNames"]),
    );
    const folders = readdirSync(join(sandbox.tree, "hosts"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(hosts).toStrictEqual(folders.map(({ name }) => name).sort());
  });

  it("gives every host the seeds that were generated for it", async () => {
    const seeds = join(sandbox.tree, "generated/seeds");
    const files = readdirSync(seeds, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
    expect(files).not.toStrictEqual([]);
    for (const file of files) {
      const [host = "", stageFile = ""] = file.split("/");
      const stage = basename(stageFile, ".json");
      const attribute = `nixosConfigurations.${host}.config.services.lectern.stages.${stage}.mergedSeed`;
      // Derived from the domain, on every host.
      const { serverUrl, ...seed } = JSON.parse(await sandbox.nix(["eval", "--json"], attribute));
      expect(serverUrl).toMatch(/^https:\/\//);
      expect(seed).toStrictEqual(await readJson(seeds, file));
    }
  });

  it("has the program, the demo and a shell for both systems", async () => {
    const each = async (output: string) =>
      JSON.parse(
        await sandbox.nix(["eval", "--json"], output, ["--apply", "builtins.mapAttrs (_: builtins.attrNames)"]),
      );
    const both = (...list: string[]) => ({ "aarch64-linux": list, "x86_64-linux": list });
    expect(await each("packages")).toStrictEqual(both("default", "demo", "lectern"));
    expect(await each("devShells")).toStrictEqual(both("default"));
    const demo = await sandbox.nix(["eval", "--raw"], "apps.x86_64-linux.default.program");
    expect(demo).toMatch(/^\/nix\/store\/.*\/bin\/lectern-demo$/);
  });

  it("describes each app, as newer versions of Nix require", async () => {
    const describe = "builtins.mapAttrs (_: builtins.mapAttrs (_: app: app.meta.description))";
    const apps = JSON.parse(await sandbox.nix(["eval", "--json"], "apps", ["--apply", describe]));
    for (const system of ["aarch64-linux", "x86_64-linux"])
      expect(apps[system]).toStrictEqual({ default: expect.stringMatching(/^[A-Z].{20,}[^.]$/) });
  });

  it("has a lock file that Nix accepts unchanged", async () => {
    const { locks } = JSON.parse(await sandbox.nixWithLock(["flake", "metadata", "--json"]));
    expect(locks).toStrictEqual(await readJson(sandbox.tree, "flake.lock"));
  });

  it("depends only on nixpkgs, pinned to one revision by its hash", async () => {
    const { nodes } = await readJson(sandbox.tree, "flake.lock");
    expect(Object.keys(nodes)).toStrictEqual(["nixpkgs", "root"]);
    expect(nodes.nixpkgs.locked).toStrictEqual({
      type: "github",
      owner: "NixOS",
      repo: "nixpkgs",
      lastModified: expect.any(Number),
      rev: expect.stringMatching(/^[0-9a-f]{40}$/),
      narHash: expect.stringMatching(/^sha256-[A-Za-z0-9+/]{43}=$/),
    });
  });
});

describe("the flake's check fails and names", () => {
  const refusal = () => refusalOf(sandbox.nix(check));

  const ofHost: [fault: string, text: string, says: string][] = [
    ["a misspelt option of Lectern", "services.lectren.enable = true;", "services.lectren"],
    ["a misspelt option of NixOS", "services.openssh.enabled = true;", "services.openssh.enabled"],
    [
      "a wrong value of a setting",
      'services.lectern.stages.main.settings.video.latency = "lo";',
      "services.lectern.stages.main.settings.video.latency",
    ],
    [
      "a failed assertion",
      'assertions = [ { assertion = false; message = "networking.hostName is not ours."; } ];',
      "networking.hostName is not ours.",
    ],
  ];
  it.each(ofHost)("%s", async (_fault, text, says) => {
    await host(text);
    expect(await refusal()).toContain(says);
    await host();
  });

  const ofMachine: [where: string, text: string][] = [
    ["that is switched to later", "specialisation.x.configuration.services.lectren.enable = true;"],
    ["that starts", "services.lectren.enable = true;"],
  ];
  it.each(sample("misspelt options in machines of VM tests", ofMachine, 1))(
    "a misspelt option in a VM test's machine %s",
    async (_, text) => {
      await machine(text);
      expect(await refusal()).toContain("services.lectren");
      await machine();
    },
  );

  it("a false claim of checks/eval", async () => {
    await writeFile(
      join(sandbox.tree, "checks/eval/false-claim.nix"),
      '{ ... }: { "one is two" = { expr = 1; expected = 2; }; }',
    );
    const said = await refusal();
    expect(said).toContain("false-claim does not hold");
    expect(said).toContain("one is two");
  });
});
