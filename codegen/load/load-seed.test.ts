import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf } from "../../checks/lib/schema/load-faults.ts";
import { loadFile, loadSeed } from "./load-seed.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-load-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a good stage file", () => {
  it("becomes a seed with expanded presets, named secrets for access, and nothing else added", async () => {
    const file = join(folder, "good.yaml");
    writeFileSync(file, "video:\n  ladder: lecture\n");
    const seed = await loadSeed(file);
    expect(seed.video?.ladder?.map(({ name, bitrateKbps }) => [name, bitrateKbps])).toEqual([
      ["SD", 1000],
      ["HD", 1600],
      ["FHD", 3200],
    ]);
    expect(seed.access).toEqual({
      adminPassword: { secret: "admin-password" },
      streamKeys: [{ secret: "stream-key" }],
    });
    expect(Object.keys(seed).sort()).toEqual(["access", "video"]);
  });

  it.each([
    ["80 emoji in a name of at most 80 characters", `instance:\n  name: ${"🎥".repeat(80)}\n`],
    ["a byte-order mark and lines that end with CR and LF", "\ufeffchat:\r\n  enabled: true\r\n"],
    ["one document between --- and ...", "---\nchat: {}\n...\n"],
    ["dates and times, which are read as texts", "instance:\n  name: 2024-01-01\n  summary: 17:30\n"],
    ["the replacement character in a text", "instance:\n  name: \ufffd\n"],
    ["a mapping without settings", "{}\n"],
  ])("may have %s", async (_, text) => expect(await faultsOf(text)).toEqual([]));
});

describe("a file that is not a stage file", () => {
  it("is refused as a seed if it leaves out a value that only a stage file may leave out", async () => {
    expect(await faultsOf('{"video": {"ladder": "lecture"}}', "main.json")).toEqual([
      "main.json:1:1: access: missing; expected a mapping of settings",
      'main.json:1:22: video.ladder: expected a list, got "lecture"',
    ]);
  });

  it("is refused with the extensions that it may have", async () => {
    expect(await faultsOf("{}", "main.toml")).toEqual([
      "main.toml:1:1: expected a stage file (.yaml) or a seed (.json), by its name",
    ]);
  });

  it("is reported as missing or as a folder", async () => {
    await expect(loadFile(join(folder, "nowhere.yaml"))).rejects.toThrow("nowhere.yaml:1:1: no such file");
    mkdirSync(join(folder, "folder.yaml"));
    await expect(loadFile(join(folder, "folder.yaml"))).rejects.toThrow("folder.yaml:1:1: is a folder, not a file");
  });
});
