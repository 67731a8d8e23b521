import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const hasNixfmt = spawnSync("nixfmt", ["--version"]).status === 0;
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.nix"], { encoding: "utf8" })
  .trim()
  .split("\n");

test.skipIf(!hasNixfmt)("every .nix file, written or generated, is as nixfmt leaves it (needs nixfmt on PATH)", () => {
  expect(files).toContain("generated/options.nix");
  const { status, stdout, stderr } = spawnSync("nixfmt", ["--check", ...files], { encoding: "utf8" });
  expect(`${stdout}${stderr}`).toBe("");
  expect(status).toBe(0);
});

const hasDeadnix = spawnSync("deadnix", ["--version"]).status === 0;

test.skipIf(!hasDeadnix)("no .nix file names what it does not use (needs deadnix on PATH)", () => {
  const { status, stdout } = spawnSync("deadnix", ["--fail", ...files], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
