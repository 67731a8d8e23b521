import { stringify } from "yaml";
import type { Field } from "../schema/core/fields.ts";
import { nestedAt } from "../schema/core/paths.ts";
import type { OwncastMeta } from "../schema/core/registry.ts";
import { banner } from "./banner.ts";
import type { JsonSchema } from "./json-schema.ts";
import { escapePipes, markdownBlock, markdownCell, markdownCode, markdownText } from "./markdown-syntax.ts";
import { schemaGaps } from "./schema-gaps.ts";

/** The reference page: every setting of a stage file, its values, Owncast's default, and when a change takes effect. */
export function emitSettingsMd(stage: JsonSchema, fields: readonly Field[]): string {
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const sections = Object.entries(stage.properties ?? {}).flatMap(([area, group]) => [
    `## ${area}`,
    markdownText(group.description ?? ""),
    ...Object.entries(group.properties ?? {}).flatMap(([key, schema]) =>
      setting(`${area}.${key}`, schema, byPath.get(`${area}.${key}`)),
    ),
  ]);
  const intro = [
    `<!-- ${banner("codegen/schema/").join(" ")} -->`,
    "# Settings of a stage file",
    'Lectern manages the settings that a stage file names. It leaves all other settings as they are on the server. `""` and `[]` clear a setting.',
  ];
  const gaps = [
    "## What an editor does not know",
    "Editors check a stage file against [stage.schema.json](stage.schema.json). A JSON schema cannot express the rules below; `lectern check` and codegen check them. They also check the files that a stage file names.",
    schemaGaps.map(({ path, says }) => `- ${markdownCode(path)}: ${says}`).join("\n"),
  ];
  return `${[...intro, ...sections, ...gaps].join("\n\n")}\n`;
}

function setting(path: string, schema: JsonSchema, field: Field | undefined): string[] {
  if (!field) throw new Error(`${path}: in the stage's schema, but no setting of the seed`);
  const { meta } = field;
  const example = schema.examples?.[0];
  const facts = [
    `- Takes: ${describe(schema)}`,
    ...("leftOut" in meta
      ? [`- Left out: ${markdownText(meta.leftOut)}`]
      : [`- Owncast's default: ${ownDefault(meta)}`]),
    `- Takes effect: ${meta.takesEffect === "live" ? "at once" : "when the next stream starts"}`,
    ...("leftOut" in meta ? [] : [`- Since: Owncast ${meta.since ?? "0.2.4 or earlier"}`]),
  ];
  return [
    `### ${path}`,
    markdownText(schema.description ?? ""),
    facts.join("\n"),
    ...(example === undefined ? [] : [markdownBlock("yaml", stringify(nestedAt(path, example)))]),
    ...members(schema),
  ];
}

const ownDefault = ({ ownDefault }: OwncastMeta): string =>
  "value" in ownDefault ? code(ownDefault.value) : markdownText(ownDefault.says);

/** The keys of a mapping, and of a list's entries, as tables. */
function members(schema: JsonSchema): string[] {
  return [schema, ...(schema.anyOf ?? [])].flatMap((branch) => {
    const object = branch.items ?? branch;
    if (!object.properties) return [];
    return [
      branch.items ? "Each entry of the list:" : "The mapping:",
      ["| key | takes | meaning |", "|---|---|---|", ...memberRows(object, "")].join("\n"),
    ];
  });
}

/** A value inside an entry of a list gets keys of its own: `list[].url`. */
const memberRows = (object: JsonSchema, prefix: string): string[] =>
  Object.entries(object.properties ?? {}).flatMap(([key, child]) => [
    `| ${markdownCode(prefix + key)} | ${escapePipes(describe(child))}${object.required?.includes(key) ? "" : ", optional"} | ${markdownCell(child.description ?? "")} |`,
    ...memberRows(child, `${prefix}${key}.`),
    ...memberRows(child.items ?? {}, `${prefix}${key}[].`),
  ]);

function describe(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(describe).join(", or ");
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(", ");
  switch (schema.type) {
    case "string":
      return `a text of ${between(schema.minLength, schema.maxLength)} characters${schema.$comment ? ` (${markdownText(schema.$comment)})` : ""}`;
    case "integer":
      return `a whole number from ${schema.minimum} to ${schema.maximum}${schema.multipleOf === 2 ? ", even" : ""}`;
    case "boolean":
      return "`true` or `false`";
    case "array":
      return `a list of ${between(schema.minItems, schema.maxItems)}${schema.items?.properties ? " entries" : `, each ${describe(schema.items ?? {})}`}`;
    default:
      return typeof schema.additionalProperties === "object"
        ? `a mapping, each name ${describe(schema.propertyNames ?? {})}, each value ${describe(schema.additionalProperties)}`
        : "a mapping";
  }
}

const between = (least = 0, most = 0): string => (least === most ? `${least}` : `${least} to ${most}`);

const code = (value: unknown): string =>
  markdownCode(typeof value === "string" && value !== "" ? value : JSON.stringify(value));
