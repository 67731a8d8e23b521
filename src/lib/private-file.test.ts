import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../checks/lib/needs.ts";
import { openLock } from "./lock.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const asRoot = needs(process.getuid?.() === 0, "root → sudo npm test");

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-private-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a private file", () => {
  it("can be read only by its owner, even if it replaces another file", async () => {
    writeFileSync(at("file"), "old", { mode: 0o644 });
    await writePrivateFile(at("file"), "new");
    expect(readFileSync(at("file"), "utf8")).toBe("new");
    expect(statSync(at("file")).mode & 0o777).toBe(0o600);
    expect(await readPrivateFile(at("file"))).toBe("new");
  });

  it("is undefined if it does not exist, and refused if others may read it or it is a link", async () => {
    expect(await readPrivateFile(at("none"))).toBeUndefined();
    writeFileSync(at("file"), "x");
    chmodSync(at("file"), 0o640);
    await expect(readPrivateFile(at("file"))).rejects.toThrow("can be read by others");
    chmodSync(at("file"), 0o600);
    symlinkSync(at("file"), at("link"));
    await expect(readPrivateFile(at("link"))).rejects.toMatchObject({ code: "ELOOP" });
  });

  it("is not written if its folder is a symbolic link", async () => {
    mkdirSync(at("elsewhere"));
    symlinkSync(at("elsewhere"), at("tokens"));
    await expect(writePrivateFile(at("tokens/bot"), "x")).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it("belongs to the stage's user if root writes it in the stage's folder", asRoot, async () => {
    mkdirSync(at("state"));
    chownSync(at("state"), 65_534, 65_534);
    await writePrivateFile(at("state/tokens/bot"), "x");
    expect([statSync(at("state/tokens")).uid, statSync(at("state/tokens/bot")).uid]).toEqual([65_534, 65_534]);
  });
});

describe("a lock's file", () => {
  it("is created so that only its owner may read it, and later opened without a change", async () => {
    await (await openLock(at("a.lock"))).handle.close();
    expect(statSync(at("a.lock")).mode & 0o777).toBe(0o600);
    writeFileSync(at("a.lock"), "123\n");
    await (await openLock(at("a.lock"))).handle.close();
    expect(readFileSync(at("a.lock"), "utf8")).toBe("123\n");
  });

  it("of another user can be opened by root, even in a folder that everybody may write to", asRoot, async () => {
    mkdirSync(at("sticky"));
    chmodSync(at("sticky"), 0o1777);
    writeFileSync(at("sticky/b.lock"), "", { mode: 0o600 });
    chownSync(at("sticky/b.lock"), 65_534, 65_534);
    await (await openLock(at("sticky/b.lock"))).handle.close();
  });
});
