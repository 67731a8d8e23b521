import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureWritable, pictureFolder, schemaFor, writeStage } from "./output-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-output-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const output = () => join(folder, "main.yaml");
const pictures = (text = "picture") => new Map([["main/logo.png", Buffer.from(text)]]);
const files = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(folder.length + 1),
        readFileSync(join(entry.parentPath, entry.name), "utf8"),
      ]),
  );

describe("an exported stage", () => {
  it("is written with its pictures, and no other file is left", async () => {
    await writeStage(output(), "{}\n", pictures(), false);
    expect(files()).toEqual({ "main.yaml": "{}\n", "main/logo.png": "picture" });
  });

  it("replaces existing files only with --force", async () => {
    writeFileSync(output(), "mine");
    expect(() => ensureWritable(output(), false)).toThrow("exists already");
    await expect(writeStage(output(), "{}\n", pictures(), false)).rejects.toThrow("exists already");
    expect(files()).toEqual({ "main.yaml": "mine" });
    ensureWritable(output(), true);
    await writeStage(output(), "{}\n", pictures(), true);
    expect(files()).toEqual({ "main.yaml": "{}\n", "main/logo.png": "picture" });
  });

  it("never replaces a picture that has other bytes, and keeps one that has the same", async () => {
    mkdirSync(join(folder, "main"));
    writeFileSync(join(folder, "main/logo.png"), "mine");
    await expect(writeStage(output(), "{}\n", pictures(), false)).rejects.toThrow("main/logo.png: exists already");
    expect(files()).toEqual({ "main/logo.png": "mine" });
    await writeStage(output(), "{}\n", pictures("mine"), false);
    expect(files()).toEqual({ "main.yaml": "{}\n", "main/logo.png": "mine" });
  });

  it("leaves nothing if it cannot be written completely", async () => {
    // A file has the name of the folder of pictures.
    writeFileSync(join(folder, "main"), "a file");
    await expect(writeStage(output(), "{}\n", pictures(), false)).rejects.toThrow("main: exists already");
    expect(files()).toEqual({ main: "a file" });
  });

  it("is written completely even if a signal arrives, and the signal takes effect afterwards", () => {
    const script = `
      import { writeStage } from "./src/owncast/export/output-files.ts";
      class Loud extends Uint8Array {
        get byteLength() { process.kill(process.pid, "SIGTERM"); return super.byteLength; }
      }
      await writeStage(process.argv[1], "{}\\n", new Map([["main/logo.png", new Loud([112, 105, 99])]]), false);
      await new Promise((resolve) => setTimeout(resolve, 30_000));
    `;
    const flags = ["--import", "tsx", "--input-type=module", "--eval", script];
    const { signal, stderr } = spawnSync(process.execPath, [...flags, output()], { encoding: "utf8" });
    expect({ signal, stderr }).toEqual({ signal: "SIGTERM", stderr: "" });
    expect(files()).toEqual({ "main.yaml": "{}\n", "main/logo.png": "pic" });
  });
});

it.each([
  ["main.yaml", "main"],
  ["/a/b c/my stage.yaml", "my-stage"],
  [".hidden.yaml", "pictures"],
  ["../übung.yml", "pictures"],
  [`${"x".repeat(100)}.yaml`, "pictures"],
])("the pictures of %s lie in %s", (file, expected) => expect(pictureFolder(file)).toBe(expected));

describe("the schema for editors", () => {
  it("is named by a relative path if a folder around the file holds it", () => {
    expect(schemaFor("hosts/live/stages/main.yaml")).toBe("../../../generated/stage.schema.json");
    mkdirSync(join(folder, "generated"));
    writeFileSync(join(folder, "generated/stage.schema.json"), "{}");
    expect(schemaFor(output())).toBe("generated/stage.schema.json");
  });

  it("is not named otherwise", () => expect(schemaFor(output())).toBeUndefined());
});

it.each([
  ["main.json", "the extension .yaml"],
  ["nowhere/main.yaml", "its folder does not exist"],
  [".yaml", "the extension .yaml"],
])("%s is refused before anything is read", (name, reason) =>
  expect(() => ensureWritable(join(folder, name), false)).toThrow(reason),
);
