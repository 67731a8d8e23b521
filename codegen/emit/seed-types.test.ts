// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the tested texts look like templates
import fc from "fast-check";
import { Project } from "ts-morph";
import { describe, expect, it } from "vitest";
import { runs } from "../../checks/lib/exhaustive.ts";
import type { JsonSchema } from "./json-schema.ts";
import { emitSeedTypes } from "./seed-types.ts";

/** The seed's type for a schema whose one setting is called `key` and described by `description`. */
const emit = (description: string, key = "setting", words: readonly string[] = ["a"]): Promise<string> =>
  emitSeedTypes({
    type: "object",
    description,
    properties: { [key]: { type: "string", enum: words, description }, last: { type: "boolean" } },
    additionalProperties: false,
  } as JsonSchema);

const project = new Project({ useInMemoryFileSystem: true, compilerOptions: { strict: true } });

/** The statements and keys that the compiler reads in emitted source. Throws if it cannot read the source. */
function read(source: string) {
  const file = project.createSourceFile("seed.d.ts", source, { overwrite: true });
  const faults = project
    .getProgram()
    .getSyntacticDiagnostics(file)
    .map((fault) => fault.getMessageText());
  if (faults.length > 0) throw new Error(`${faults.join("\n")}\n${source}`);
  const statements = file.getStatements().map((statement) => statement.getKindName());
  const seed = file.getInterfaceOrThrow("Seed");
  const [first] = seed.getProperties();
  return {
    statements,
    keys: seed.getProperties().map((property) => property.getSymbolOrThrow().getName()),
    doc:
      first
        ?.getJsDocs()
        .map((doc) => doc.getInnerText())
        .join("\n") ?? "",
    type: first?.getType().getNonNullableType(),
  };
}

const oneInterface = { statements: ["InterfaceDeclaration"], keys: ["setting", "last"] };
const squeezed = (text: string): string => text.replace(/[\s\\*/]+/gu, "");

describe("a description in the seed's type", () => {
  it.each([
    ["the end of a comment", "ends */ export const evil = 1; /* here"],
    ["the end of a comment and code", "*/\nexport type Evil = 1;\n/**"],
    ["a tag", "@deprecated {@link x} @type {never}"],
    ["several lines", "one\n\n  two\n* three\n*/ four"],
    ["half an end of a comment at its end", "star *"],
    ["a slash at its start", "/ slash"],
    ["a template", "`${process.exit(1)}` \\u002a/"],
  ])("stays a comment if it holds %s", async (_, description) => {
    const { statements, keys } = read(await emit(description));
    expect({ statements, keys }).toEqual(oneInterface);
  });

  it("keeps any hostile text, except for the characters that end a comment", async () => {
    const pieces = [
      "*/",
      "*",
      "/",
      "/*",
      "//",
      "\n",
      " ",
      "@x",
      "`",
      "${",
      "}",
      "\\",
      "'",
      '"',
      "é",
      "🎥",
      "a",
      "\u2028",
    ];
    const hostile = fc
      .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(hostile, async (description) => {
        const source = await emit(description);
        const { statements, keys } = read(source);
        expect({ statements, keys }).toEqual(oneInterface);
        expect(squeezed(source)).toContain(squeezed(description));
      }),
      { numRuns: runs(40, 150) },
    );
  }, 120_000);
});

it("the seed's type allows any text as a word or a key", async () => {
  const words = ['"', "'", "\\", "\n", "*/", "`${x}`", "a b", "🎥"];
  const { type, keys } = read(await emit("x", "odd key */ \" '", words));
  expect(type?.getUnionTypes().map((word) => word.getLiteralValue())).toEqual(words);
  expect(keys[0]).toBe("odd key */ \" '");
});
