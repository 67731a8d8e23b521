import fc from "fast-check";
import { micromark } from "micromark";
import { gfmTable, gfmTableHtml } from "micromark-extension-gfm-table";
import { describe, expect, it } from "vitest";
import { runs } from "../../checks/lib/exhaustive.ts";
import { markdownBlock, markdownCell, markdownCode, markdownText } from "./markdown-syntax.ts";

const render = (markdown: string): string =>
  micromark(markdown, { allowDangerousHtml: true, extensions: [gfmTable()], htmlExtensions: [gfmTableHtml()] });

const entities: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };
const plain = (html: string): string => html.replace(/&(?:lt|gt|quot|amp);/g, (entity) => entities[entity] ?? entity);

/** The text of one paragraph as a reader sees it, with the backticks of its code spans. Throws on any other markup. */
function readParagraph(markdown: string): string {
  const [, html] = /^<p>([\s\S]*)<\/p>$/.exec(render(markdown)) ?? [];
  const text = (html ?? "<none>").replace(/<\/?code>/g, "`");
  if (/[<>]/.test(text)) throw new Error(`markup in ${render(markdown)}`);
  return plain(text);
}

const pieces = [
  "`",
  "``",
  "|",
  "<b>",
  "<!--",
  "-->",
  "&amp;",
  "&#60;",
  "[x](y)",
  "![",
  "*",
  "**",
  "_",
  "~~",
  "\\",
  "#",
];
const starts = [
  "1.",
  "2)",
  "- ",
  "+ ",
  "> ",
  "# ",
  "===",
  "---",
  "~~~",
  "```",
  "    ",
  "\t",
  "| a |\n|---|",
  "\n",
  "\n\n",
];
const hostile = fc
  .array(fc.constantFrom(...pieces, ...starts, "a", "b c", "é", "🎥", "https://x.example/"), {
    minLength: 1,
    maxLength: 10,
  })
  .map((parts) => parts.join(""));
const oneLine = (text: string): string => text.trim().replace(/\s+/gu, " ");

describe("a text as a Markdown paragraph", () => {
  it.each([
    ["HTML markup", "<b>x</b> &amp; <!-- y", "\\<b\\>x\\</b\\> \\&amp; \\<!-- y"],
    ["links and pictures", "![a](b) [c]", "!\\[a\\](b) \\[c\\]"],
    ["emphasis and headings", "# *a* _b_ ~c~", "\\# \\*a\\* \\_b\\_ \\~c\\~"],
    ["lists at its start", "1. one", "1\\. one"],
    ["rules at its start", "--- x", "\\--- x"],
    ["a lone backtick", "a ` b", "a \\` b"],
    ["code spans that would lose their first and last space", "a ` b ` c", "a \\` b \\` c"],
    ["no characters in code spans", "set `a_*b*` to `<x>`", "set `a_*b*` to `<x>`"],
  ])("escapes %s", (_, text, markdown) => expect(markdownText(text)).toBe(markdown));

  it("shows the same text, however hostile it is", () => {
    fc.assert(
      fc.property(
        hostile.filter((text) => text.trim() !== ""),
        (text) => {
          expect(readParagraph(markdownText(text))).toBe(oneLine(text));
        },
      ),
      { numRuns: runs(500, 3000) },
    );
  });
});

describe("a text as a cell of a table", () => {
  it("escapes bars, in code spans too", () => expect(markdownCell("a | `b|c`")).toBe("a \\| `b\\|c`"));

  it("has no code span if a bar after a backslash would end the cell", () =>
    expect(markdownCell("`a\\|b` `c`")).toBe("\\`a\\\\\\|b\\` `c`"));

  it("stays in its cell and shows the same text, however hostile it is", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const html = render(`| key | meaning |\n|---|---|\n| a | ${markdownCell(text)} |\n| b | end |`);
        const cells = [...html.matchAll(/<td>([\s\S]*?)<\/td>/g)].map(([, cell = ""]) =>
          plain(cell.replace(/<\/?code>/g, "`")),
        );
        expect(cells).toEqual(["a", oneLine(text), "b", "end"]);
      }),
      { numRuns: runs(500, 3000) },
    );
  });
});

it("a text as code shows the same text, however hostile it is", () => {
  fc.assert(
    fc.property(
      hostile.map((text) => text.replace(/\s/gu, " ")),
      (text) => {
        const [, code] = /^<p>a <code>(.*)<\/code> b<\/p>$/.exec(render(`a ${markdownCode(text)} b`)) ?? [];
        expect(plain(code ?? "")).toBe(text);
      },
    ),
    { numRuns: runs(500, 3000) },
  );
});

it("lines in a fenced block show the same text, however hostile they are", () => {
  fc.assert(
    fc.property(
      hostile.map((text) => text.replace(/\t/g, " ")),
      (text) => {
        const [, code] =
          /^<pre><code class="language-yaml">([\s\S]*)\n<\/code><\/pre>$/.exec(render(markdownBlock("yaml", text))) ??
          [];
        expect(plain(code ?? "")).toBe(text.replace(/\n$/, ""));
      },
    ),
    { numRuns: runs(500, 3000) },
  );
});
