import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { VttFolder } from "./vtt-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-vtt-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (number: number): string => `stream-a-${number}.vtt`;

it("knows the files of an earlier run, and removes the drafts that it left", () => {
  const track = join(folder, "en");
  mkdirSync(track);
  for (const name of [file(1), `${file(2)}.new`, "notes.txt"]) writeFileSync(join(track, name), "x");
  const files = new VttFolder(track);
  expect([files.has(file(1)), files.has(file(2)), files.has("notes.txt")]).toEqual([true, false, false]);
  expect(readdirSync(track).sort()).toEqual(["notes.txt", file(1)]);
});

it("writes whole files, and leaves nothing behind when it cannot", () => {
  const files = new VttFolder(join(folder, "en"));
  files.write(file(1), "one");
  expect(readFileSync(join(folder, "en", file(1)), "utf8")).toBe("one");
  mkdirSync(join(folder, "en", file(2)));
  writeFileSync(join(folder, "en", file(2), "full"), "x");
  expect(() => files.write(file(2), "two")).toThrow();
  expect(readdirSync(join(folder, "en")).filter((name) => name.endsWith(".new"))).toEqual([]);
  expect(files.has(file(2))).toBe(false);
});

it("removes files a minute after they were last listed", () => {
  const files = new VttFolder(folder);
  for (const number of [1, 2]) files.write(file(number), "x");
  files.sweep(new Set([file(2)]), 0);
  files.sweep(new Set([file(2)]), 60_000);
  expect(existsSync(join(folder, file(1)))).toBe(true);
  files.sweep(new Set([file(2)]), 60_001);
  expect(readdirSync(folder)).toEqual([file(2)]);
  files.sweep(new Set(), 120_000);
  files.sweep(new Set([file(2)]), 150_000);
  files.sweep(new Set(), 200_000);
  expect(files.has(file(2))).toBe(true);
});
