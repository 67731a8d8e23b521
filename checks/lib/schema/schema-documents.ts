import type { JsonSchema } from "../../../codegen/emit/json-schema.ts";
import { disturbed, patternsOf, textOfLength, textWith } from "./awkward-texts.ts";

/** For tests: one place of a schema, a value that is good there, and the whole document around a value. */
export interface Site {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly good: unknown;
  readonly wrap: (value: unknown) => unknown;
  /** A union's branch: its type is the union's to say. */
  readonly isBranch: boolean;
}

/** For tests: a value for a place, and the one constraint of JSON Schema that it breaks (`good`: none). */
export interface Trial {
  readonly kind: string;
  readonly value: unknown;
}

/** What stands around a value where the examples cannot say it: rules between settings would refuse the rest. */
const surroundings: Readonly<Record<string, unknown>> = {
  "video.ladder|object": { preset: "lecture" },
  "video.ladder|array": [{ name: "HD", width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 }],
  "video.ladder[].passthrough": { name: "Source" },
  "appearance.externalActions[].html": { title: "Ask" },
  "integrations.webhooks.list[].url|object": { secret: "webhook" },
  "captions.tracks[].name": { language: "de", source: "interpreter" },
  "captions.tracks[].from": { language: "es", source: "translation" },
};

/** Where a rule between settings allows only the example, or refuses some words. */
const ruled: readonly string[] = ["captions.tracks[].source", "captions.tracks[].from"];

/** For tests: every place of a schema, each with a document that is good. */
export function sitesOf(root: JsonSchema): Site[] {
  return visit({ path: "", schema: root, good: {}, wrap: (value) => value, isBranch: false });
}

function visit(site: Site): Site[] {
  const { path, schema, good, wrap } = site;
  const branches = (schema.anyOf ?? []).flatMap((branch) =>
    visit({ ...site, schema: branch, good: surroundings[`${path}|${branch.type}`] ?? good, isBranch: true }),
  );
  const properties = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const inner = path === "" ? key : `${path}.${key}`;
    const around = (surroundings[inner] ?? good) as Record<string, unknown>;
    const value = around[key] ?? child.examples?.[0] ?? plain(child);
    return visit({
      path: inner,
      schema: child,
      good: value,
      wrap: (replaced) => wrap({ ...around, [key]: replaced }),
      isBranch: false,
    });
  });
  return [site, ...branches, ...properties, ...visitEntries(site)];
}

function visitEntries({ path, schema, good, wrap }: Site): Site[] {
  const { items, additionalProperties } = schema;
  if (items) {
    const [first, ...others] = (good as unknown[]).slice(0, items.enum ? 1 : undefined);
    const inside = { path: `${path}[]`, schema: items, good: first, isBranch: false };
    return visit({ ...inside, wrap: (value) => wrap([value, ...others]) });
  }
  if (typeof additionalProperties !== "object") return [];
  const [[key, value] = ["", undefined]] = Object.entries(good as object);
  const inside = { path: `${path}.*`, schema: additionalProperties, good: value, isBranch: false };
  return visit({ ...inside, wrap: (replaced) => wrap({ ...(good as object), [key]: replaced }) });
}

/** A value for what has no example: a group of settings, and what presets may be changed by. */
function plain(schema: JsonSchema): unknown {
  if (schema.type === "object") return {};
  if (schema.type === "array") return [plain(schema.items ?? {})];
  return schema.enum?.[0] ?? schema.minimum ?? true;
}

const samples: Readonly<Record<string, readonly unknown[]>> = {
  string: ["text", ""],
  integer: [1280],
  number: [30.5],
  boolean: [true],
  array: [[]],
  object: [{}],
  null: [null],
};

/** For tests: values for a place, each with exactly one fault, and good ones at the limits. */
export function trialsOf({ path, schema, good, isBranch }: Site): Trial[] {
  const all = [
    ...(isBranch ? [] : wrongTypes(schema)),
    ...(schema.enum?.flatMap((word) => trials("enum", [`${word}x`, `${word} `, otherCase(word)])) ?? []),
    ...(schema.enum ? trials("good", schema.enum) : []),
    ...(schema.const === undefined ? [] : trials("const", [!schema.const])),
    ...numbers(schema),
    ...(typeof good === "string" && schema.type === "string" && !schema.enum ? texts(schema, good) : []),
    ...(Array.isArray(good) && schema.type === "array" ? lists(schema, good) : []),
    ...(schema.type === "object" ? mappings(schema, good as Record<string, unknown>) : []),
  ];
  return all.filter(({ kind }) => kind !== "good" || !ruled.includes(path));
}

const otherCase = (word: string): string => (word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase());

const trials = (kind: string, values: readonly unknown[]): Trial[] => values.map((value) => ({ kind, value }));

function wrongTypes(schema: JsonSchema): Trial[] {
  const allowed = (schema.anyOf ?? [schema]).map(({ type }) => type);
  return Object.entries(samples)
    .filter(([type]) => !allowed.some((other) => other === type))
    .flatMap(([, values]) => trials("type", values));
}

function numbers({ minimum, maximum, multipleOf = 1 }: JsonSchema): Trial[] {
  if (minimum === undefined || maximum === undefined) return [];
  return [
    ...trials("good", [minimum, minimum + multipleOf, maximum]),
    ...trials("minimum", [minimum - multipleOf, 0, -multipleOf, -100_000]),
    ...trials("maximum", [maximum + multipleOf, maximum * 2, 2 ** 40]),
    ...(multipleOf > 1 ? trials("multipleOf", [minimum + 1, maximum - 1]) : []),
  ];
}

function texts(schema: JsonSchema, good: string): Trial[] {
  const { minLength = 0, maxLength = 0 } = schema;
  const ofLength = (kind: string, length: number) =>
    ["a", "0", "🎥"].flatMap((filler) => {
      const text = length < 0 ? undefined : textOfLength(schema, good, length, filler);
      return text === undefined ? [] : [{ kind, value: text }];
    });
  const broken = (text: string) => patternsOf(schema).filter((pattern) => !pattern.test(text)).length;
  const candidates = disturbed(schema, good);
  return [
    ...ofLength("minLength", minLength - 1),
    ...ofLength("good", minLength),
    ...ofLength("good", maxLength),
    ...ofLength("maxLength", maxLength + 1),
    ...trials(
      "pattern",
      candidates.filter((text) => broken(text) === 1),
    ),
    ...trials(
      "good",
      candidates.filter((text) => broken(text) === 0),
    ),
  ];
}

function lists({ items = {}, minItems = 0, maxItems = 0 }: JsonSchema, good: readonly unknown[]): Trial[] {
  const entries = Array.from({ length: maxItems + 1 }, (_, index) => numbered(items, good[0], index));
  return [
    ...(minItems > 0 ? trials("minItems", [entries.slice(0, minItems - 1)]) : []),
    ...trials("good", [entries.slice(0, maxItems)]),
    ...trials("maxItems", [entries]),
  ];
}

/** A list's entry, different for each index wherever its texts are free: rules may ask for names of their own. */
function numbered(schema: JsonSchema, good: unknown, index: number): unknown {
  if (schema.enum) return schema.enum[index % schema.enum.length];
  if (typeof good === "string") return textWith(schema, good, index.toString(36)) ?? good;
  if (typeof good !== "object" || good === null || Array.isArray(good)) return good;
  return Object.fromEntries(
    Object.entries(good).map(([key, value]) => {
      const child = schema.properties?.[key] ?? {};
      // Another word may ask for other settings beside it.
      return [key, child.enum ? value : numbered(child, value, index)];
    }),
  );
}

function mappings(schema: JsonSchema, good: Readonly<Record<string, unknown>>): Trial[] {
  const { required = [], additionalProperties, propertyNames } = schema;
  const without = (dropped: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== dropped));
  const value = Object.values(good)[0];
  return [
    ...required.map((key) => ({ kind: "required", value: without(key) })),
    ...(additionalProperties === false
      ? trials("additionalProperties", [
          { ...good, unknown: true },
          { ...good, constructor: 1 },
          { ...good, "": null },
        ])
      : []),
    ...(propertyNames
      ? texts(propertyNames, Object.keys(good)[0] ?? "").map(({ kind, value: name }) => ({
          kind: kind === "good" ? kind : "propertyNames",
          value: { [String(name)]: value },
        }))
      : []),
  ];
}

/** For tests: values of a place's type that ask for limits which the schema may have forgotten. */
export function extremesOf({ schema, good }: Site): unknown[] {
  if (typeof good === "string") return ["", "a", "🎥", "\n", " ", `${good}${"a".repeat(200_000)}`];
  if (typeof good === "number") return [-1, 0, 1, good + 1, 2 ** 31, 2 ** 53, 1e300];
  if (Array.isArray(good)) return [[], [good[0]], Array(1500).fill(good[0])];
  if (typeof good !== "object" || good === null) return [];
  const entries = Object.entries(good);
  const without = entries.map(([dropped]) => Object.fromEntries(entries.filter(([key]) => key !== dropped)));
  return [{}, { ...good, unknown: true }, ...without, ...(schema.type === "object" ? [[good]] : [])];
}
