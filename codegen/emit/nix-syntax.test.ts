// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the apparent templates are Nix
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { needs } from "../../checks/lib/needs.ts";
import { nixComment, nixString, nixText, nixValue } from "./nix-syntax.ts";

const nix = needs(spawnSync("nix-instantiate", ["--version"]).status === 0, "Nix → apt-get install nix-bin");

/** The value that Nix itself reads from an expression. */
function evaluate(expression: string): unknown {
  const { stdout, stderr } = spawnSync(
    "nix-instantiate",
    ["--store", "dummy://", "--eval", "--strict", "--json", "-"],
    {
      input: expression,
      encoding: "utf8",
    },
  );
  if (stderr.includes("error:")) throw new Error(stderr);
  return JSON.parse(stdout);
}

const pieces = ["''", "'", "$", "${", "}", "\\", '"', "\n", "\n\n", " ", "  ", "\t", "\r", "\r\n", "#", "/*", "*/"];
const words = ["a", "n", "it's", "builtins.abort ''x''", "é", "🎥", "\u2028", "\u0007"];
const hostile = fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 12 }).map((parts) => parts.join(""));
const texts = (): string[] => fc.sample(hostile, 2000);

describe("a text as a Nix string", () => {
  it.each([
    ['a "quote"', '"a \\"quote\\""'],
    ["a \\ backslash", '"a \\\\ backslash"'],
    ["${code}", '"\\${code}"'],
    ["line\nline", '"line\\nline"'],
  ])("escapes %j", (text, nix) => expect(nixString(text)).toBe(nix));

  it("survives a round trip through Nix, however hostile", nix, () => {
    const sample = texts();
    expect(evaluate(`[ ${sample.map(nixString).join(" ")} ]`)).toEqual(sample);
  });
});

describe("a text as an indented Nix string", () => {
  it.each([
    ["the end of the string, and code", "it''s ${x}", ["''", "  it'''s ''${x}", "''"]],
    ["code behind a quote", "'${x}", ["''", "  ''\\'''${x}", "''"]],
    ["code behind three quotes", "'''${x}", ["''", "  '''''\\'''${x}", "''"]],
    ["spaces at the start of all lines", "  a\n  b", ["''", "  ''\\  a", "  ''\\  b", "''"]],
  ])("escapes %s", (_, text, nix) => expect(nixText(text, 0)).toEqual(nix));

  it("leaves empty lines empty", () => expect(nixText("a\n\nb", 1)).toEqual(["  ''", "    a", "", "    b", "  ''"]));

  it("survives a round trip through Nix at any depth, even if it is hostile and has many lines", nix, () => {
    const sample = texts();
    const strings = sample.map((text, index) => nixText(text, index % 4).join("\n"));
    expect(evaluate(`[ ${strings.join("\n")} ]`)).toEqual(sample.map((text) => `${text}\n`));
  });
});

describe("a text as a Nix comment", () => {
  it("continues in another comment line", () => {
    expect(nixComment("a\nb\r\n\rabort x")).toEqual(["# a", "# b", "#", "# abort x"]);
  });

  it("ends with its last line, even for a hostile text", nix, () => {
    const numbered = texts().flatMap((text, index) => [...nixComment(text), `${index}`]);
    expect(evaluate(`[\n${numbered.join("\n")}\n]`)).toEqual(texts().map((_, index) => index));
  });
});

it("refuses the one character that Nix cannot write", () => {
  expect(() => nixString("a\0b")).toThrow("NUL");
  expect(() => nixText("a\0b", 0)).toThrow("NUL");
});

describe("data as a Nix expression", () => {
  it("is formatted as nixfmt formats it", () => {
    expect(nixValue({ a: [1, "b"], "odd key": true, none: [] }, 0).join("\n")).toBe(
      '{\n  a = [\n    1\n    "b"\n  ];\n  "odd key" = true;\n  none = [ ];\n}',
    );
  });

  it("survives a round trip through Nix, including its keys", nix, () => {
    const key = fc.oneof(
      hostile,
      fc.constantFrom("if", "inherit", "or", "with", "null", "a-b", "a'b", "1a", "a.b", ""),
    );
    const data = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 3 }, hostile, fc.integer(), fc.boolean(), fc.constant(null), tie("list"), tie("map")),
      list: fc.array(tie("any"), { maxLength: 4 }),
      map: fc.dictionary(key, tie("any"), { maxKeys: 4, noNullPrototype: true }),
    })).map;
    const sample = fc.sample(data, 300);
    expect(evaluate(`[ ${sample.map((value) => nixValue(value, 0).join("\n")).join("\n")} ]`)).toEqual(sample);
  });
});
