import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { wholeSegment } from "../../../checks/lib/keeper/model-folder.ts";
import { needs } from "../../../checks/lib/needs.ts";
import { Faults } from "./keeper-faults.ts";
import { KeptSegments } from "./kept-segments.ts";
import { silent, type VariantState } from "./variant.ts";

const name = "stream-abc-7.ts";
const variant: VariantState = {
  ...silent,
  segments: [{ input: 0, uri: name, durationSeconds: 2, tags: [], sequence: 7, ordinal: 0, discontinuity: false }],
};
let folder: string;
let keptDir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-kept-"));
  keptDir = join(folder, "kept");
  mkdirSync(join(folder, "hls/0"), { recursive: true });
  mkdirSync(keptDir);
});
afterEach(() => {
  for (const dir of [folder, keptDir]) rmSync(dir, { recursive: true, force: true });
});

const keptSegments = () => new KeptSegments(join(folder, "hls"), keptDir, new Faults(() => {}));
const write = (text: string) => writeFileSync(join(folder, "hls/0", name), text);
const heldIn = (dir: string) => (readdirSync(dir).includes("0") ? readdirSync(join(dir, "0")) : []);

it.each([
  ["is empty", ""],
  ["ends within a packet", wholeSegment("video").slice(0, -1)],
])("a listed segment that %s is kept once it is complete", (_, begun) => {
  const kept = keptSegments();
  write(begun);
  expect([kept.keep(variant), heldIn(keptDir)]).toEqual([false, []]);
  write(wholeSegment("video"));
  expect([kept.keep(variant), heldIn(keptDir)]).toEqual([true, [name]]);
});

it.each([
  ["unfinished delays the list for two seconds", "half a packet", 20],
  ["empty is never listed", "", -1],
])("a segment that its encoder left %s", (_, left, firstLook) => {
  const kept = keptSegments();
  write(left);
  const looks = Array.from({ length: 50 }, () => kept.keep(variant));
  expect(looks.indexOf(true)).toBe(firstLook);
});

// Another file system, if this machine has one.
const memory = "/dev/shm";
const isElsewhere = (() => {
  try {
    return statSync(memory).dev !== statSync(tmpdir()).dev;
  } catch {
    return false;
  }
})();

const elsewhere = needs(isElsewhere, "another file system at /dev/shm → mount -t tmpfs tmpfs /dev/shm");
it("a copy has a segment's name only when it is whole", elsewhere, () => {
  keptDir = mkdtempSync(join(memory, "lectern-kept-"));
  // A copy that was not finished when the keeper was killed.
  mkdirSync(join(keptDir, "0"));
  writeFileSync(join(keptDir, "0", `${name}.new`), "half");
  const kept = keptSegments();
  write(wholeSegment("video"));
  expect([kept.keep(variant), heldIn(keptDir)]).toEqual([true, [name]]);
  expect(readFileSync(join(keptDir, "0", name), "utf8")).toBe(wholeSegment("video"));
});
