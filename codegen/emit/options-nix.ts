import type { Field } from "../schema/core/fields.ts";
import { banner } from "./banner.ts";
import type { JsonSchema } from "./json-schema.ts";
import { nixComment, nixKey, nixString, nixText, nixValue } from "./nix-syntax.ts";

/**
 * The seed's settings as NixOS options: `{ lib }: { instance.name = lib.mkOption { … }; … }`.
 * Every setting is null by default. Enums, ranges and lengths of lists become types; `lectern check` reports the rest at build time.
 */
export function emitOptionsNix(seed: JsonSchema, isSetting: (path: string) => boolean): string {
  const lines = [
    ...banner("codegen/schema/").flatMap(nixComment),
    "{ lib }:",
    "let",
    "  # A list that is replaced as a whole: two definitions of the same weight are an error, never a concatenation.",
    "  listBetween =",
    "    min: max: type:",
    "    lib.types.addCheck (lib.types.uniq (lib.types.listOf type)) (",
    "      list: lib.length list >= min && lib.length list <= max",
    "    )",
    "    // {",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Nix that fills these in
    '      description = "list of ${toString min} to ${toString max} entries, each: ${type.description}";',
    "      # The module system rebuilds a type that has submodules by this function; the inherited one would drop the check.",
    "      substSubModules = modules: listBetween min max (type.substSubModules modules);",
    "    };",
    "in",
    ...emitGroup(seed, "", isSetting, 0),
    "",
  ];
  return lines.join("\n");
}

function emitGroup(group: JsonSchema, path: string, isSetting: (path: string) => boolean, depth: number): string[] {
  const pad = "  ".repeat(depth);
  const body = Object.entries(group.properties ?? {}).flatMap(([key, child]) => {
    const inner = path === "" ? key : `${path}.${key}`;
    const value = isSetting(inner) ? emitOption(child, true, depth + 1) : emitGroup(child, inner, isSetting, depth + 1);
    return assign(key, value, depth + 1);
  });
  return [`${pad}{`, ...body, `${pad}}`];
}

/** `key = <value>;`, where `value`'s lines are already indented to `depth`. */
function assign(key: string, value: readonly string[], depth: number): string[] {
  const pad = "  ".repeat(depth);
  const [first = "", ...rest] = value;
  const lines = [`${pad}${nixKey(key)} = ${first.trimStart()}`, ...rest];
  return [...lines.slice(0, -1), `${lines.at(-1)};`];
}

function emitOption(schema: JsonSchema, nullable: boolean, depth: number): string[] {
  const pad = "  ".repeat(depth);
  const inner = "  ".repeat(depth + 1);
  const [example] = schema.examples ?? [];
  return [
    `${pad}lib.mkOption {`,
    ...assign(
      "type",
      nullable ? wrap("lib.types.nullOr", emitType(schema, depth + 1), depth + 1) : emitType(schema, depth + 1),
      depth + 1,
    ),
    ...(nullable ? [`${inner}default = null;`] : []),
    ...(example === undefined ? [] : assign("example", nixValue(example, depth + 1), depth + 1)),
    ...assign("description", nixText(schema.description ?? "", depth + 1), depth + 1),
    `${pad}}`,
  ];
}

function emitType(schema: JsonSchema, depth: number): string[] {
  const pad = "  ".repeat(depth);
  if (schema.enum)
    return [`${pad}lib.types.enum [`, ...schema.enum.map((word) => `${pad}  ${nixString(word)}`), `${pad}]`];
  if (schema.anyOf) return emitEither(schema.anyOf, depth);
  if (schema.const !== undefined) return [`${pad}lib.types.enum [ ${schema.const} ]`];
  switch (schema.type) {
    case "string":
      return [`${pad}lib.types.str`];
    case "boolean":
      return [`${pad}lib.types.bool`];
    case "integer":
      return [`${pad}lib.types.ints.between ${schema.minimum} ${schema.maximum}`];
    case "array":
      return wrap(`listBetween ${schema.minItems ?? 0} ${schema.maxItems}`, emitType(schema.items ?? {}, depth), depth);
    case "object":
      if (typeof schema.additionalProperties === "object")
        return wrap("lib.types.attrsOf", emitType(schema.additionalProperties, depth), depth);
      return emitSubmodule(schema, depth);
    default:
      throw new Error(`no Nix type for ${JSON.stringify(schema)}`);
  }
}

/** One of two types, the first of one word. */
function emitEither([one, other, ...more]: readonly JsonSchema[], depth: number): string[] {
  const [word, ...rest] = emitType(one ?? {}, 0);
  if (!other || more.length > 0 || rest.length > 0) throw new Error("no Nix type for this union");
  return wrap(`lib.types.either ${word}`, emitType(other, depth), depth);
}

function emitSubmodule(schema: JsonSchema, depth: number): string[] {
  const pad = "  ".repeat(depth);
  const options = Object.entries(schema.properties ?? {}).flatMap(([key, child]) =>
    assign(key, emitOption(child, !schema.required?.includes(key), depth + 2), depth + 2),
  );
  return [`${pad}lib.types.submodule {`, `${pad}  options = {`, ...options, `${pad}  };`, `${pad}}`];
}

/** `name argument`, the argument in parentheses unless it is one word, laid out as nixfmt does. */
function wrap(name: string, argument: readonly string[], depth: number): string[] {
  const pad = "  ".repeat(depth);
  const [first = ""] = argument;
  if (argument.length > 1) return [`${pad}${name} (`, ...argument.map((line) => `  ${line}`), `${pad})`];
  const word = first.trim();
  return [`${pad}${name} ${word.includes(" ") ? `(${word})` : word}`];
}

/** The settings that not every Owncast knows, with the version that brought each: `{ "chat.x" = "0.2.5"; }`. */
export function emitSinceNix(fields: readonly Field[]): string {
  const entries = fields.flatMap(({ path, meta }) => ("since" in meta ? [{ path, since: meta.since }] : []));
  return [
    ...banner("codegen/schema/").flatMap(nixComment),
    "{",
    ...entries.map(({ path, since }) => `  ${nixString(path)} = ${nixString(since)};`),
    "}",
    "",
  ].join("\n");
}
