import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arePackagesCurrent } from "./npm-packages.mjs";

let tree = "";
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "lectern-npm-"));
  mkdirSync(join(tree, "node_modules"));
});
afterEach(() => rmSync(tree, { recursive: true }));

const write = (file: string, packages: object) => writeFileSync(join(tree, file), JSON.stringify({ packages }));
const zod = { version: "4.0.0", integrity: "sha512-a" };

describe("arePackagesCurrent", () => {
  it.each([
    {
      claim: "is true if npm recorded the lock file's packages",
      installed: { "node_modules/zod": zod },
      current: true,
    },
    {
      claim: "is false if a version differs",
      installed: { "node_modules/zod": { ...zod, version: "4.0.1" } },
      current: false,
    },
    {
      claim: "is false if the contents differ",
      installed: { "node_modules/zod": { ...zod, integrity: "sha512-b" } },
      current: false,
    },
    { claim: "is false if a package is missing", installed: {}, current: false },
    {
      claim: "is false if there is an extra package",
      installed: { "node_modules/zod": zod, "node_modules/yaml": zod },
      current: false,
    },
  ])("$claim", ({ installed, current }) => {
    write("package-lock.json", {
      "": { name: "lectern" },
      "node_modules/zod": zod,
      "node_modules/only-elsewhere": { ...zod, optional: true },
    });
    write("node_modules/.package-lock.json", installed);
    expect(arePackagesCurrent(tree)).toBe(current);
  });

  it("is false if an installation was interrupted", () => {
    write("package-lock.json", { "node_modules/zod": zod });
    expect(arePackagesCurrent(tree)).toBe(false);
  });
});
