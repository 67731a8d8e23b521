import { stringify } from "yaml";
import type { JsonSchema } from "../annotated-schema.ts";
import type { Field } from "../schema/fields.ts";
import { banner } from "./banner.ts";

/** The reference page: every setting of a stage file, what it takes, what Owncast does without it, and when a change is seen. */
export function emitSettingsMd(stage: JsonSchema, fields: readonly Field[]): string {
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const sections = Object.entries(stage.properties ?? {}).flatMap(([area, group]) => [
    `## ${area}`,
    group.description ?? "",
    ...Object.entries(group.properties ?? {}).flatMap(([key, schema]) =>
      setting(`${area}.${key}`, schema, byPath.get(`${area}.${key}`)),
    ),
  ]);
  const intro = [
    `<!-- ${banner("codegen/schema/").join(" ")} -->`,
    "# Settings of a stage file",
    'What a stage file names is managed; what it leaves out is left as it is on the server. `""` and `[]` clear a setting.',
  ];
  return `${[...intro, ...sections].join("\n\n")}\n`;
}

function setting(path: string, schema: JsonSchema, field: Field | undefined): string[] {
  if (!field) throw new Error(`${path}: in the stage's schema, but no setting of the seed`);
  const { meta } = field;
  const example = schema.examples?.[0];
  const facts = [
    `- Takes: ${describe(schema)}`,
    `- Owncast's default: ${"value" in meta.ownDefault ? code(meta.ownDefault.value) : meta.ownDefault.says}`,
    `- Takes effect: ${meta.takesEffect === "live" ? "at once" : "when the next stream starts"}`,
    ...(meta.since ? [`- Since Owncast ${meta.since}`] : []),
  ];
  return [
    `### ${path}`,
    escapeMarkdown(schema.description ?? ""),
    facts.join("\n"),
    ...(example === undefined ? [] : [`\`\`\`yaml\n${nest(path, example)}\`\`\``]),
    ...members(schema),
  ];
}

/** The keys of a list's entries, as a table. */
function members(schema: JsonSchema): string[] {
  const entry = [schema, ...(schema.anyOf ?? [])].map(({ items }) => items).find((items) => items?.properties);
  const object = entry ?? (schema.properties ? schema : undefined);
  if (!object?.properties) return [];
  const rows = Object.entries(object.properties).map(
    ([key, child]) =>
      `| \`${key}\` | ${describe(child)}${object.required?.includes(key) ? "" : ", optional"} | ${escapeMarkdown(child.description ?? "").replaceAll("|", "\\|")} |`,
  );
  return [["| key | takes | meaning |", "|---|---|---|", ...rows].join("\n")];
}

function describe(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(describe).join(", or ");
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(", ");
  switch (schema.type) {
    case "string":
      return `a text of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
    case "integer":
      return `a whole number from ${schema.minimum} to ${schema.maximum}${schema.multipleOf === 2 ? ", even" : ""}`;
    case "boolean":
      return "`true` or `false`";
    case "array":
      return `a list of ${schema.minItems ?? 0} to ${schema.maxItems}${schema.items?.properties ? " entries" : `, each ${describe(schema.items ?? {})}`}`;
    default:
      return typeof schema.additionalProperties === "object"
        ? `a mapping, each value ${describe(schema.additionalProperties)}`
        : "a mapping";
  }
}

const code = (value: unknown): string => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

/** Text for a Markdown paragraph: what Markdown or HTML would read as syntax is escaped; code spans are kept. */
export const escapeMarkdown = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\<>*_[\]#]/g, "\\$&")))
    .join("");

const nest = (path: string, value: unknown): string =>
  stringify(path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value));
