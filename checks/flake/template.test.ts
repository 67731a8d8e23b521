import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf } from "../lib/nix/nix.ts";
import { makeSandbox, type Sandbox } from "../lib/nix/sandbox.ts";

const disko = fileURLToPath(new URL("../stub-disko", import.meta.url));

interface Template {
  readonly name: string;
  /** Its folder in the tree. */
  readonly place: string;
  /** Steps that Nix shows when it has laid the files there. */
  readonly steps: readonly string[];
  /** The option that the build requires besides host name and key. */
  readonly asksFor: string;
  /** Stand-ins for inputs besides Lectern and nixpkgs. */
  readonly standIns: readonly string[];
  /** The owner's answer to `asksFor`: the file, the text to replace, and the new text. */
  readonly answer: readonly [file: string, from: RegExp, to: string];
}

describe.each<Template>([
  {
    name: "default",
    place: "template",
    steps: ["flake.nix", "configuration.nix", "hardware-configuration.nix", "nixos-rebuild switch --flake .#live"],
    asksFor: "fileSystems: hardware-configuration.nix",
    standIns: [],
    answer: [
      "hardware-configuration.nix",
      /^.*$/s,
      '{ nixpkgs.hostPlatform = "x86_64-linux"; fileSystems."/".device = "/dev/vda1"; }',
    ],
  },
  {
    name: "rented",
    place: "template-rented",
    steps: ["flake.nix", "configuration.nix", "disk.nix", "nix-community/nixos-anywhere -- --flake .#live"],
    asksFor: "disko.devices.disk.main.device is still the template's",
    standIns: ["--override-input", "disko", `path:${disko}`],
    answer: ["disk.nix", /device = placeholder;/, 'device = "/dev/vda";'],
  },
])("the template $name in a folder of its own", (template) => {
  let sandbox: Sandbox;
  let folder: string;
  beforeAll(async () => {
    sandbox = await makeSandbox();
    folder = await mkdtemp(join(tmpdir(), "lectern-template-"));
    await cp(join(sandbox.tree, template.place), folder, { recursive: true });
  });
  afterAll(async () => {
    await sandbox.remove();
    await rm(folder, { recursive: true });
  });

  const built = "nixosConfigurations.live.config.system.build.toplevel.drvPath";
  const build = () => sandbox.nixIn(folder, ["eval", "--raw"], built, template.standIns);
  const replace = async (file: string, from: string | RegExp, to: string) => {
    const text = await readFile(join(folder, file), "utf8");
    expect(text).toMatch(from);
    await writeFile(join(folder, file), text.replace(from, to));
  };

  it("is the folder that Nix copies, and its welcome text lists the steps", async () => {
    const of = (attribute: string) => sandbox.nix(["eval", "--raw"], `templates.${template.name}.${attribute}`);
    expect((await of("path")).split("/").at(-1)).toBe(template.place);
    const said = await of("welcomeText");
    for (const step of template.steps) expect(said).toContain(step);
  });

  it("says where Lectern's address goes if it is unchanged, and does not use the network", async () => {
    const said = await refusalOf(build());
    expect(said).toContain(
      "flake.nix: inputs.lectern is missing: put the address that you gave to `nix flake init -t`",
    );
    expect(said).not.toMatch(/unable to download|OWNER|…\/lectern/);
  });

  it("is refused with the address alone; the error names all three values that only its owner knows", async () => {
    await replace("flake.nix", /# (lectern\.url = )".*";\n( *)# (lectern\.inputs)/, `$1"path:${sandbox.tree}";\n$2$3`);
    const said = await refusalOf(build());
    for (const option of [
      template.asksFor,
      'services.lectern.stages.main.domain is "live.example.org", which is a placeholder',
      "users.users.root.openssh.authorizedKeys.keys is empty",
    ])
      expect(said).toContain(option);
  });

  it("builds with the address and the three values", async () => {
    await replace("configuration.nix", "live.example.org", "live.test");
    await replace(
      "configuration.nix",
      "authorizedKeys.keys = [ ];",
      'authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ];',
    );
    await replace(...template.answer);
    expect(await build()).toMatch(/nixos-system-live\.drv$/);
  });

  it("is refused with the setting's name if a setting is misspelt", async () => {
    await replace("configuration.nix", 'latency = "low";', 'latancy = "low";');
    expect(await refusalOf(build())).toContain("services.lectern.stages.main.settings.video.latancy");
  });
});
