import { readFileSync } from "node:fs";
import { micromark } from "micromark";
import { gfmTable, gfmTableHtml } from "micromark-extension-gfm-table";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Field } from "../schema/core/fields.ts";
import { Stage } from "../schema/stage/stage.ts";
import type { JsonSchema } from "./json-schema.ts";
import { schemaGaps } from "./schema-gaps.ts";
import { emitSettingsMd } from "./settings-md.ts";

const page = readFileSync("generated/settings.md", "utf8");
const schema = JSON.parse(readFileSync("generated/stage.schema.json", "utf8")) as JsonSchema;
const paths = Object.entries(schema.properties ?? {}).flatMap(([area, { properties = {} }]) =>
  Object.keys(properties).map((key) => `${area}.${key}`),
);

/** The page's text under a setting's heading. */
const sectionOf = (path: string): string =>
  page.split(/^(?=##)/m).find((section) => section.startsWith(`### ${path}\n`)) ?? "";

const render = (markdown: string): string =>
  micromark(markdown, { allowDangerousHtml: true, extensions: [gfmTable()], htmlExtensions: [gfmTableHtml()] });

describe("the reference page", () => {
  it.each(paths)("describes %s with its values, its effect, its first version and an example", (path) => {
    const section = sectionOf(path);
    expect(section).toMatch(/^### .*\n\n[A-Z].*\.\n/);
    expect(section).toMatch(/^- Takes: .+$/m);
    expect(section).toMatch(/^- Owncast's default: .+$/m);
    expect(section).toMatch(/^- Takes effect: (at once|when the next stream starts)$/m);
    expect(section).toMatch(/^- Since: Owncast \d+\.\d+\.\d+( or earlier)?$/m);
    const [, example = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(section) ?? [];
    const [area = "", key = ""] = path.split(".");
    expect(Object.keys(parse(example)?.[area] ?? {})).toEqual([key]);
  });

  it("lists only existing settings", () => {
    const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, path]) => path);
    expect(headings).toEqual(paths);
  });

  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  it("gives only examples that are valid in a stage file", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(paths.length);
    for (const block of blocks) expect(Stage.safeParse(parse(block)).error?.message, block).toBeUndefined();
  });

  it("names every rule that editors cannot check", () => {
    for (const { path, says } of schemaGaps) expect(page).toContain(`- \`${path}\`: ${says}`);
  });

  it("contains no HTML of its own", () => {
    const tags = new Set([...render(page).matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag));
    const expected = [
      "a",
      "code",
      "h1",
      "h2",
      "h3",
      "li",
      "p",
      "pre",
      "table",
      "tbody",
      "td",
      "th",
      "thead",
      "tr",
      "ul",
    ];
    expect([...tags].sort()).toEqual(expected);
  });
});

it("the page shows hostile texts as plain text", () => {
  const hostile = "<script>|x|</script> `a|b` [l](javascript:x)\n\n# h";
  const setting: JsonSchema = {
    type: "array",
    description: hostile,
    examples: [["```\n<script>"]],
    items: { type: "object", properties: { key: { type: "string", description: hostile, $comment: hostile } } },
  };
  const properties = { area: { type: "object" as const, description: hostile, properties: { key: setting } } };
  const meta = { takesEffect: "live", ownDefault: { says: hostile } };
  const html = render(emitSettingsMd({ properties }, [{ path: "area.key", meta } as unknown as Field]));
  expect(html).not.toMatch(/<script|<a href="javascript|<h1>h/);
  const cells = [...html.matchAll(/<td>/g)];
  expect(cells).toHaveLength(3);
});
