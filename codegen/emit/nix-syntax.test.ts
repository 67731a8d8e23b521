// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what looks like a template is Nix
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nixString, nixText, nixValue } from "./nix-syntax.ts";

const hasNix = spawnSync("nix-instantiate", ["--version"]).status === 0;

/** What Nix itself reads an expression as. */
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

describe("a text as a Nix string", () => {
  it.each([
    ['a "quote"', '"a \\"quote\\""'],
    ["a \\ backslash", '"a \\\\ backslash"'],
    ["${code}", '"\\${code}"'],
    ["line\nline", '"line\\nline"'],
  ])("escapes %j", (text, nix) => expect(nixString(text)).toBe(nix));

  it("escapes the end of an indented string, and code in it", () => {
    expect(nixText("it''s ${x}", 0)).toEqual(["''", "  it'''s ''${x}", "''"]);
  });

  it.skipIf(!hasNix)("survives a round trip through Nix, however hostile", () => {
    const hostile = fc.stringMatching(/^[ -~\n\t\u00e9\u{1f3a5}]*$/u);
    const texts = fc.sample(
      fc.oneof(hostile, fc.constantFrom("''${", "$${", "'''", "\\n", "${''", "$", "''\\", "*/")),
      300,
    );
    expect(evaluate(`[ ${texts.map(nixString).join(" ")} ]`)).toEqual(texts);
  });

  it.skipIf(!hasNix)("survives a round trip as an indented string of one line", () => {
    const line = fc.stringMatching(/^[!-~][ -~]*$/);
    const texts = fc.sample(fc.oneof(line, fc.constantFrom("a''${", "a$${", "'''", "a'", "a\\")), 200);
    expect(evaluate(`[ ${texts.map((text) => nixText(text, 0).join("\n")).join("\n")} ]`)).toEqual(
      texts.map((text) => `${text}\n`),
    );
  });
});

it("lays data out as nixfmt does", () => {
  expect(nixValue({ a: [1, "b"], "odd key": true, none: [] }, 0).join("\n")).toBe(
    '{\n  a = [\n    1\n    "b"\n  ];\n  "odd key" = true;\n  none = [ ];\n}',
  );
});
