import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** The imports that Node loads together with a file: no types, and no dynamic `import()`. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)"|^import "([^"]+)"/gm)].map(
    ([, from, bare]) => from ?? bare ?? "",
  );

/** Every file and package that is loaded with a file. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  for (const name of importsOf(file)) {
    const target = name.startsWith(".") ? join(file, "..", name) : name;
    if (seen.has(target)) continue;
    seen.add(target);
    if (name.startsWith(".")) loadedWith(target, seen);
  }
  return seen;
}

test("lectern --help loads the table of commands, and no command", () => {
  const loaded = [...loadedWith("src/main.ts")];
  expect(loaded).toContain("src/program.ts");
  expect(loaded.filter((name) => name.startsWith("src/commands/") || name.startsWith("codegen/schema/"))).toEqual([]);
  expect(loaded.filter((name) => !/^(?:node:|src\/|codegen\/)/.test(name))).toEqual(["commander"]);
  // Otherwise the search above finds nothing at all.
  expect([...loadedWith("src/commands/plan.ts")]).toContain("zod");
});
