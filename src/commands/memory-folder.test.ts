import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../checks/lib/needs.ts";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { mayMount, onSmallDisk } from "../../checks/lib/process/small-disk.ts";
import { verb } from "./memory-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-memory-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("on a machine of its own", needs(mayMount, "root → sudo npm test"), () => {
  it("a folder is put into memory, grows, keeps its files, and never shrinks", async () => {
    mkdirSync(join(folder, "disk"));
    const script = `
      at="$disk/stage/segments"
      size() { findmnt --noheadings --mountpoint "$at" --output FSTYPE,SIZE | tr -s ' '; }
      lectern memory-folder --size-mib 8 "$at" && size
      stat --format '%U %a' "$at"
      findmnt --noheadings --mountpoint "$at" --output OPTIONS | grep -o 'nosuid,nodev,noexec'
      echo video > "$at/segment"
      lectern memory-folder --size-mib 16 "$at" && size
      lectern memory-folder --size-mib 4 "$at" && size
      cat "$at/segment"
      grep -c " $at " /proc/self/mountinfo
    `;
    const { code, stdout, stderr } = await onSmallDisk(join(folder, "disk"), 64, script);
    expect([code, stdout, stderr]).toEqual([
      0,
      "tmpfs 8M\nroot 755\nnosuid,nodev,noexec\ntmpfs 16M\ntmpfs 16M\nvideo\n1\n",
      "",
    ]);
  });

  it("what mount says is passed on", async () => {
    mkdirSync(join(folder, "disk"));
    const script = `lectern memory-folder --size-mib 8 --mount /bin/false "$disk/a"`;
    expect(await onSmallDisk(join(folder, "disk"), 64, script)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("/bin/false failed"),
    });
  });
});

it.each([
  ["a relative path", ["--size-mib", "8", "segments"]],
  ["no size", ["--size-mib", "0", "/segments"]],
  ["a size with a unit", ["--size-mib", "8M", "/segments"]],
])("%s is refused as bad usage", async (_, words) => {
  expect(await runVerb(verb, words)).toMatchObject({ code: 64 });
});
