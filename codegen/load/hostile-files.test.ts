import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../checks/lib/exhaustive.ts";
import { faultsOf } from "../../checks/lib/schema/load-faults.ts";

const megabyte = (part: string): string => part.repeat(Math.floor(1_000_000 / Buffer.byteLength(part)));
const deep = 20_000;

describe("a hostile file", () => {
  // Far more than any of them needs, even on a busy machine; npm run bench -- load prints the times and the memory.
  const hangGuardMilliseconds = 60_000;

  it.each<readonly [string, string, string]>([
    ["20,000 lists in one another", "[".repeat(deep), "1:43: nested more than 40 deep"],
    ["20,000 closed lists in one another", "[".repeat(deep) + "]".repeat(deep), "1:43: nested more than 40 deep"],
    ["20,000 mappings in one another", "{a: ".repeat(deep), "1:166: nested more than 40 deep"],
    ["20,000 names made of mappings", "{? ".repeat(deep), "1:125: nested more than 40 deep"],
    ["20,000 dashes on a line", "- ".repeat(deep), "1:84: nested more than 40 deep"],
    ["a megabyte of indented names", blockNesting(1400), "42:43: nested more than 40 deep"],
    ["5 MB", "a".repeat(5_000_000), "1:1: the file is larger than 1000000 bytes; is it a stage file?"],
    ["a megabyte of brackets", megabyte("["), "1:43: nested more than 40 deep"],
    ["a megabyte of entries", megabyte("- a\n"), "40001:1: the file has too many parts; is it a stage file?"],
    [
      "a megabyte of commas",
      `[${megabyte(",").slice(2)}]`,
      "1:200001: the file has too many parts; is it a stage file?",
    ],
    ["a megabyte of quotes", megabyte('"'), "1:400001: the file has too many parts; is it a stage file?"],
    ["a megabyte on one line", megabyte("x"), `1:1: expected a mapping of settings, got "${"x".repeat(60)}…"`],
  ])(
    "of %s is refused in one line",
    async (_, text, fault) => expect(await faultsOf(text)).toEqual([`main.yaml:${fault}`]),
    hangGuardMilliseconds,
  );

  it(
    "of 20,000 unknown settings on one line is refused with the first hundred and the number of the others",
    async () => {
      const names = Array.from({ length: deep }, (_, index) => `n${index}: x`).join(", ");
      const faults = await faultsOf(`{${names}}`);
      expect(faults).toHaveLength(101);
      expect(faults[0]).toMatch(/^main\.yaml:1:2: n0: no such setting/);
      expect(faults[100]).toMatch(/^main\.yaml:1:\d+: 19900 more faults from here on; correct those above first$/);
    },
    hangGuardMilliseconds,
  );

  it(
    "that is an alias bomb is refused without being expanded",
    async () => {
      const levels = Array.from(
        { length: 30 },
        (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]\n`,
      );
      const faults = await faultsOf(`a0: &a0 x\n${levels.join("")}instance: { tags: *a30 }\n`);
      expect(faults[0]).toMatch(/^main\.yaml:1:1: a0: no such setting/);
      expect(faults.filter((fault) => fault.includes("aliases (`*name`) are not allowed"))).not.toEqual([]);
    },
    hangGuardMilliseconds,
  );
});

describe("any file", () => {
  const pieces = [
    "instance",
    "name",
    "video",
    "ladder",
    "access",
    "secret",
    "<<",
    "__proto__",
    "é",
    "🎥",
    "\ufeff",
    "\0",
  ];
  const signs = [
    ..."\n\n\n  \t:,-?[]{}#&*!|>'\"%@`~=\\\r",
    ": ",
    "- ",
    "  ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "!!set ",
    "&a ",
    "*a",
  ];
  const yamlish = fc
    .array(fc.constantFrom(...pieces, ...signs), { maxLength: 40 })
    .map((parts): string | Uint8Array => parts.join(""));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array): string | Uint8Array => array);

  it.each([
    ["of random bytes", bytes],
    ["of YAML's characters and our names in any order", yamlish],
  ])("%s is accepted, or each of its faults is one readable line with its place", async (_, files) => {
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom("main.yaml", "main.json"), async (content, name) => {
        for (const fault of await faultsOf(content, name)) {
          expect(fault).toMatch(/^main\.(yaml|json):[1-9]\d*:[1-9]\d*: \S/);
          expect(fault).not.toMatch(/[\0-\x1f\x7f-\x9f]|\p{Surrogate}| at .*:\d+:\d+\)|undefined|\[object/u);
        }
      }),
      { numRuns: runs(300, 1500) },
    );
  });
});

/** Names, each indented by one space more than the name above: `depth` squared / 2 bytes. */
function blockNesting(depth: number): string {
  return Array.from({ length: depth }, (_, level) => `${" ".repeat(level)}a:\n`).join("");
}
