import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { png } from "../../checks/lib/schema/tiny-pictures.ts";
import { loadFile } from "../../codegen/load/load-seed.ts";
import { verb } from "./seed.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-seed-"));
  mkdirSync(join(folder, "pictures"));
  writeFileSync(join(folder, "pictures/ours.png"), png());
  writeFileSync(join(folder, "main.yaml"), "appearance:\n  logo: pictures/ours.png\n");
});
afterEach(() => rmSync(folder, { recursive: true }));
const stage = () => join(folder, "main.yaml");

it("writes a seed and the files that it names, and other commands find them", async () => {
  const output = join(folder, "out.json");
  expect(await verb.run([stage()], { output })).toBe(0);
  expect(readFileSync(join(folder, "out/logo.png")).equals(png())).toBe(true);
  expect((await loadFile(output)).seed).toEqual((await loadFile(stage())).seed);
});

it("writes to a terminal or another special file, and through a symbolic link", async () => {
  writeFileSync(join(folder, "plain.yaml"), "instance: { name: Plain }\n");
  const plain = [join(folder, "plain.yaml")];
  expect(await verb.run(plain, { output: "/dev/null" })).toBe(0);
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  writeFileSync(join(folder, "target"), "old");
  symlinkSync(join(folder, "target"), join(folder, "link"));
  expect(await verb.run(plain, { output: join(folder, "link") })).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, "target"), "utf8"))).toMatchObject({ instance: { name: "Plain" } });
});

it("refuses a file name if the seed's files could not be found by it", async () => {
  await expect(verb.run([stage()], { output: join(folder, "out") })).rejects.toMatchObject({ exitCode: 64 });
});

it("names the folder that it cannot write to", async () => {
  const output = join(folder, "none/out.json");
  await expect(verb.run([stage()], { output })).rejects.toThrow(
    `${output}: cannot be written (no such file or folder)`,
  );
});
