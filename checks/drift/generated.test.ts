import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const root = process.cwd();
let copy: string | undefined;
afterEach(() => {
  if (copy) rmSync(copy, { recursive: true });
  copy = undefined;
});

/** Runs codegen in a checkout; its exit code and what it said. */
function codegen(folder: string, ...args: string[]) {
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "codegen/main.ts", ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stderr };
}

/** A copy of what codegen reads and writes, to be spoilt. */
function checkout(): string {
  copy = mkdtempSync(join(tmpdir(), "lectern-drift-"));
  for (const part of ["codegen", "src/lib", "hosts", "generated", "package.json", "tsconfig.json"])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

test("generated/ contains exactly the files that codegen emits", () => {
  expect(codegen(root, "--check")).toEqual({ status: 0, stderr: "" });
});

test("missing, stale and orphaned files are all named at once, with the command that corrects them", () => {
  const folder = checkout();
  rmSync(join(folder, "generated/seed.d.ts"));
  appendFileSync(join(folder, "generated/options.nix"), "# edited by hand\n");
  writeFileSync(join(folder, "generated/left-over.md"), "");
  const { status, stderr } = codegen(folder, "--check");
  expect(status).toBe(1);
  expect(stderr).toContain("missing:  generated/seed.d.ts");
  expect(stderr).toContain("stale:    generated/options.nix");
  expect(stderr).toContain("orphaned: generated/left-over.md");
  expect(stderr).toContain("npm run codegen");
  codegen(folder);
  expect(codegen(folder, "--check").status).toBe(0);
});

test("a stage's pictures are generated beside its seed, byte for byte, and checked for drift like texts", () => {
  const folder = checkout();
  const seeds = join(folder, "generated/seeds/live");
  // Not a text: decoding and encoding would change these bytes.
  const logo = Buffer.from("89504e470d0a1a0a00fffe80c3", "hex");
  writeFileSync(join(folder, "hosts/live/stages/logo.png"), logo);
  writeFileSync(join(folder, "hosts/live/stages/second.yaml"), "appearance:\n  logo: logo.png\n");
  codegen(folder);
  expect(readFileSync(join(seeds, "second/logo.png")).equals(logo)).toBe(true);
  expect(codegen(folder, "--check").status).toBe(0);
  appendFileSync(join(seeds, "second/logo.png"), "\xff", "latin1");
  writeFileSync(join(seeds, "second/left-over.png"), logo);
  const { stderr } = codegen(folder, "--check");
  expect(stderr).toContain("stale:    generated/seeds/live/second/logo.png");
  expect(stderr).toContain("orphaned: generated/seeds/live/second/left-over.png");
  rmSync(join(seeds, "second/logo.png"));
  expect(codegen(folder, "--check").stderr).toContain("missing:  generated/seeds/live/second/logo.png");
  codegen(folder);
  expect(codegen(folder, "--check").status).toBe(0);
});

test("a fault in any stage file is reported with its place, and nothing is written", () => {
  const folder = checkout();
  appendFileSync(join(folder, "hosts/live/stages/main.yaml"), "video:\n  latency: lo\n");
  writeFileSync(join(folder, "hosts/live/stages/second.yaml"), "chat:\n  enabled: perhaps\n");
  const { status, stderr } = codegen(folder);
  expect(status).toBe(65);
  expect(stderr).toMatch(/^hosts\/live\/stages\/main\.yaml:\d+:1: .*twice/m);
  expect(stderr).toMatch(
    /^hosts\/live\/stages\/second\.yaml:2:12: chat\.enabled: expected true or false, got "perhaps"$/m,
  );
});
