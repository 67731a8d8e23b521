import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { needs } from "../lib/needs.ts";

// The set-up names the programs that it built.
const { NIXFMT = "nixfmt", DEADNIX = "deadnix" } = process.env;
const built = (name: string, program: string) =>
  needs(
    spawnSync(program, ["--version"]).status === 0,
    `${name} → install Rust (cargo), and npm run test:drift builds it`,
  );

const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.nix"], { encoding: "utf8" })
  .trim()
  .split("\n");

test("every .nix file, written or generated, is formatted by nixfmt", built("nixfmt", NIXFMT), () => {
  expect(files).toContain("generated/options.nix");
  const { status, stdout, stderr } = spawnSync(NIXFMT, ["--check", ...files], { encoding: "utf8" });
  expect(`${stdout}${stderr}`).toBe("");
  expect(status).toBe(0);
});

test("no .nix file has an unused name", built("deadnix", DEADNIX), () => {
  const { status, stdout } = spawnSync(DEADNIX, ["--fail", ...files], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
