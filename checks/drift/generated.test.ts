import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { codegen as generate, readSchemaDocs } from "../../codegen/codegen.ts";

const root = process.cwd();
let copy: string | undefined;
afterEach(() => {
  process.chdir(root);
  if (copy) rmSync(copy, { recursive: true });
  copy = undefined;
});

// The copies have the schema of this tree, which takes seconds to read.
const schemaDocs = readSchemaDocs();
const codegen = (folder: string) => generate(folder, { check: false, docs: () => schemaDocs });
const check = (folder: string) => generate(folder, { check: true, docs: () => schemaDocs });

/** A copy of what codegen reads and writes, to be spoilt. */
function checkout(): string {
  copy = mkdtempSync(join(tmpdir(), "lectern-drift-"));
  for (const part of ["hosts", "generated"]) cpSync(join(root, part), join(copy, part), { recursive: true });
  return copy;
}

test("generated/ contains exactly the files that codegen emits", async () => {
  expect(await check(root)).toEqual({ code: 0, text: "" });
});

test("missing, stale and orphaned files are all named at once, with the command that corrects them", async () => {
  const folder = checkout();
  rmSync(join(folder, "generated/seed.d.ts"));
  appendFileSync(join(folder, "generated/options.nix"), "# edited by hand\n");
  writeFileSync(join(folder, "generated/left-over.md"), "");
  const { code, text } = await check(folder);
  expect(code).toBe(1);
  expect(text).toContain("missing:  generated/seed.d.ts");
  expect(text).toContain("stale:    generated/options.nix");
  expect(text).toContain("orphaned: generated/left-over.md");
  expect(text).toContain("npm run codegen");
  await codegen(folder);
  expect(await check(folder)).toEqual({ code: 0, text: "" });
});

test("a stage's pictures are generated beside its seed, byte for byte, and checked for drift like texts", async () => {
  const folder = checkout();
  const seeds = join(folder, "generated/seeds/live");
  // Not a text: decoding and encoding would change these bytes.
  const logo = Buffer.from("89504e470d0a1a0a00fffe80c3", "hex");
  writeFileSync(join(folder, "hosts/live/stages/logo.png"), logo);
  writeFileSync(join(folder, "hosts/live/stages/second.yaml"), "appearance:\n  logo: logo.png\n");
  await codegen(folder);
  expect(readFileSync(join(seeds, "second/logo.png")).equals(logo)).toBe(true);
  expect((await check(folder)).code).toBe(0);
  appendFileSync(join(seeds, "second/logo.png"), "\xff", "latin1");
  writeFileSync(join(seeds, "second/left-over.png"), logo);
  const { text } = await check(folder);
  expect(text).toContain("stale:    generated/seeds/live/second/logo.png");
  expect(text).toContain("orphaned: generated/seeds/live/second/left-over.png");
  rmSync(join(seeds, "second/logo.png"));
  expect((await check(folder)).text).toContain("missing:  generated/seeds/live/second/logo.png");
  await codegen(folder);
  expect((await check(folder)).code).toBe(0);
});

test("a fault in any stage file is reported with its place, and nothing is written", async () => {
  const folder = checkout();
  for (const part of ["codegen", "src/lib", "package.json", "tsconfig.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  appendFileSync(join(folder, "hosts/live/stages/main.yaml"), "video:\n  latency: lo\n");
  writeFileSync(join(folder, "hosts/live/stages/second.yaml"), "chat:\n  enabled: perhaps\n");
  // In a process of its own, whose exit code and working folder are its own.
  const command = ["--import", "tsx", "codegen/main.ts"];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8" });
  expect(status).toBe(65);
  expect(stderr).toMatch(/^hosts\/live\/stages\/main\.yaml:\d+:1: .*twice/m);
  expect(stderr).toMatch(
    /^hosts\/live\/stages\/second\.yaml:2:12: chat\.enabled: expected true or false, got "perhaps"$/m,
  );
});
