import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { rows } from "../../codegen/site/table.ts";

// The table of rules promises it to its readers.
it.each(rows.flatMap(({ rule, tests }) => tests.map((test) => [rule, test] as const)))(
  "the rule of %s is tested by %s on both fronts",
  (_, test) => expect(readFileSync(`checks/${test}.test.ts`, "utf8")).toContain("onEachFront("),
);

it("each rule has a test", () => expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]));
