import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf } from "../eval/nix.ts";
import { makeSandbox, type Sandbox } from "./sandbox.ts";

describe("the template, in a folder of its own with Lectern as its input", () => {
  let sandbox: Sandbox;
  let folder: string;
  beforeAll(async () => {
    sandbox = await makeSandbox();
    folder = await mkdtemp(join(tmpdir(), "lectern-template-"));
    await cp(join(sandbox.tree, "template"), folder, { recursive: true });
  });
  afterAll(async () => {
    await sandbox.remove();
    await rm(folder, { recursive: true });
  });

  const build = () =>
    sandbox.nixIn(folder, ["eval", "--raw"], "nixosConfigurations.live.config.system.build.toplevel.drvPath", [
      "--override-input",
      "lectern",
      `path:${sandbox.tree}`,
    ]);
  const replace = async (file: string, from: string, to: string) => {
    const text = await readFile(join(folder, file), "utf8");
    expect(text).toContain(from);
    await writeFile(join(folder, file), text.replace(from, to));
  };

  it("as it comes is refused, with the names of all three options that only its owner can fill in", async () => {
    const said = await refusalOf(build());
    for (const option of [
      "fileSystems: hardware-configuration.nix",
      'services.lectern.stages.main.domain is "live.example.org", which is a placeholder',
      "users.users.root.openssh.authorizedKeys.keys is empty",
    ])
      expect(said).toContain(option);
  });

  it("with host name, key and hardware file it builds", async () => {
    await replace("configuration.nix", "live.example.org", "live.test");
    await replace(
      "configuration.nix",
      "authorizedKeys.keys = [ ];",
      'authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ];',
    );
    await writeFile(
      join(folder, "hardware-configuration.nix"),
      '{ nixpkgs.hostPlatform = "x86_64-linux"; fileSystems."/".device = "/dev/vda1"; }',
    );
    expect(await build()).toMatch(/nixos-system-live\.drv$/);
  });

  it("a misspelt setting is refused by its name", async () => {
    await replace("configuration.nix", 'latency = "low";', 'latancy = "low";');
    expect(await refusalOf(build())).toContain("services.lectern.stages.main.settings.video.latancy");
  });
});
