import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { rooms } from "./import-table.ts";
import { importFaults, roomsAsMarkdown } from "./imports.ts";

const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" }).trim().split("\n");
const files = listed.filter((file) => /^(bench|checks|codegen|generated|src|tools)\/.*\.(ts|mjs)$/.test(file));
const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));

it("every file imports only what its room allows, and no files import each other in a circle", () => {
  expect(importFaults(sources)).toEqual([]);
});

it("CONTRIBUTING.md shows the same table", () => {
  expect(readFileSync("CONTRIBUTING.md", "utf8")).toContain(`\n\n${roomsAsMarkdown()}\n\n`);
});

it("every row of the table is in use, and names only rows above it", () => {
  const above = (row: number, path: string): boolean =>
    rooms.slice(0, row).some((room) => room.path.startsWith(path) || path.startsWith(room.path));
  const idle = rooms.filter(({ path }) => !files.some((file) => file.startsWith(path.split("*")[0]!)));
  const upward = rooms.flatMap(({ path, imports }, row) =>
    imports.filter((to) => !above(row, to)).map((to) => `${path}: ${to}`),
  );
  expect([idle, upward]).toEqual([[], []]);
});

/** The table's faults for a few files that do not exist. */
const faultsOf = (planted: Readonly<Record<string, string>>): string[] =>
  importFaults(new Map(Object.entries(planted)));

// `IMPORT` stands for `import`, because this file itself imports none of them.
it.each([
  ["a value", "src/lib/a.ts", 'import { b } from "../media/b.ts";', "src/media/b.ts"],
  ["a type", "src/media/a.ts", 'import type { B } from "../viewer/b.ts";', "src/viewer/b.ts"],
  ["a type among values", "src/viewer/a.ts", 'import { type B } from "../probe/b.ts";', "src/probe/b.ts"],
  ["a type in place", "src/owncast/client/a.ts", 'let a: IMPORT("../../host/b.ts").B;', "src/host/b.ts"],
  ["a type in a comment", "tools/go/a.mjs", '/** @type {IMPORT("../../src/lib/b.ts").B} */', "src/lib/b.ts"],
  ["a re-export", "src/host/a.ts", 'export { b } from "../local/b.ts";', "src/local/b.ts"],
  ["all values by one name", "src/publish/a.ts", 'import * as b from "../viewer/b.ts";', "src/viewer/b.ts"],
  [
    "a file for its side effect",
    "codegen/schema/core/a.ts",
    'import "../owncast/b.ts";',
    "codegen/schema/owncast/b.ts",
  ],
  ["a dynamic import", "codegen/load/a.ts", 'await IMPORT("../emit/b.ts");', "codegen/emit/b.ts"],
  ["another service from a service", "src/services/gate/a.ts", 'import "../keeper/b.ts";', "src/services/keeper/b.ts"],
  ["another subject's checks", "checks/stream/a.test.ts", 'import "../site/b.ts";', "checks/site/b.ts"],
  ["a benchmark", "checks/lib/site/a.ts", 'import "../../../bench/b.mjs";', "bench/b.mjs"],
  ["a subject in checks/lib", "checks/lib/site/a.ts", 'import "../../site/b.ts";', "checks/site/b.ts"],
  ["test code in product code", "src/probe/a.ts", 'import "../../checks/lib/stream/b.ts";', "checks/lib/stream/b.ts"],
  ["a higher room in a unit test", "src/lib/a.test.ts", 'import "../host/b.ts";', "src/host/b.ts"],
  ["the program from a verb", "src/commands/a.ts", 'import "../program.ts";', "src/program.ts"],
  ["a file outside of all rooms", "src/commands/a.ts", 'import "../elsewhere/../../modules/b.ts";', "modules/b.ts"],
])("the table forbids an import: %s", (_, file, text, target) => {
  expect(faultsOf({ [file]: text.replace("IMPORT", "import") })).toEqual([`${file} imports ${target}`]);
});

it("a unit test may import the shared test code", () => {
  expect(faultsOf({ "src/lib/a.test.ts": 'import { b } from "../../checks/lib/process/b.ts";' })).toEqual([]);
});

it("the table forbids a circle of imports, even by types and over a third file", () => {
  const circle = {
    "src/lib/a.ts": 'import { b } from "./b.ts";',
    "src/lib/b.ts": 'import type { C } from "./c.ts";',
    "src/lib/c.ts": 'export type { A } from "./a.ts";',
  };
  expect(faultsOf(circle)).toEqual(["src/lib/a.ts imports src/lib/b.ts imports src/lib/c.ts imports src/lib/a.ts"]);
});
