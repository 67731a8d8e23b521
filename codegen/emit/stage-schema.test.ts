import { readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { extremesOf, type Site, sitesOf, trialsOf } from "../../checks/lib/schema/schema-documents.ts";
import { expandStage, Stage } from "../schema/stage/stage.ts";
import { emitStageSchema, type JsonSchema } from "./json-schema.ts";
import { schemaGaps } from "./schema-gaps.ts";

// Strict mode also refuses keywords and formats that a validator would ignore.
const ajv = new Ajv({ strict: true, allErrors: true, unicodeRegExp: true });
const schema = JSON.parse(readFileSync("generated/stage.schema.json", "utf8")) as JsonSchema;
const validate = ajv.compile(schema);
const sites = sitesOf(schema);

/** The keywords that a document breaks, as JSON Schema sees it. */
const broken = (document: unknown): string[] =>
  validate(document) ? [] : (validate.errors ?? []).map(({ keyword }) => keyword);
const isRefusedByZod = (document: unknown): boolean => !Stage.safeParse(document).success;

const leastPerKind = 10;
const kinds = [
  ...["type", "enum", "const", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern"],
  ...["minItems", "maxItems", "required", "additionalProperties", "propertyNames"],
];

/** Documents with one fault, or none (`good`), by the kind of constraint. Rare kinds get several documents. */
function documentsByKind(): Map<string, { path: string; document: unknown }[]> {
  const all = sites.flatMap((site) => trialsOf(site).map((trial) => ({ site, trial })));
  return new Map(
    ["good", ...kinds].map((kind) => {
      const ofKind = all.filter(({ trial }) => trial.kind === kind);
      const documents = ofKind.flatMap(({ site, trial: { value } }) =>
        (ofKind.length < leastPerKind ? surrounded : alone)(site, value).map((document) => ({
          path: site.path,
          document,
        })),
      );
      return [kind, documents];
    }),
  );
}
const alone = (site: Site, value: unknown): unknown[] => [site.wrap(value)];

/** The document alone, and beside each setting of the other areas. */
function surrounded(site: Site, value: unknown): unknown[] {
  const area = site.path.split(".")[0];
  const others = sites.filter(({ path, isBranch }) => /^[^.[]+\.[^.[]+$/.test(path) && !isBranch);
  const beside = others
    .filter(({ path }) => path.split(".")[0] !== area)
    .map((other) => ({ ...(other.wrap(other.good) as object), ...(site.wrap(value) as object) }));
  return [site.wrap(value), ...beside];
}

/** A place in a document as a place in the schema. */
const dotted = (path: readonly PropertyKey[]): string =>
  path.map((key, index) => (typeof key === "number" ? "[]" : `${index > 0 ? "." : ""}${String(key)}`)).join("");

/** Whether zod refuses a value only because of a listed rule; for a union, in the branch that fits the value. */
function isOnlyRule(issue: z.core.$ZodIssue, rules: ReadonlySet<string>): boolean {
  if (issue.code !== "invalid_union") return issue.code === "custom" && rules.has(dotted(issue.path));
  return issue.errors.some((branch) =>
    branch.every((inner) => isOnlyRule({ ...inner, path: [...issue.path, ...inner.path] }, rules)),
  );
}

const documents = documentsByKind();
const hasEmoji = (document: unknown): boolean => /🎥/u.test(JSON.stringify(document));

describe("the schema for editors", () => {
  const files = readdirSync("hosts", { recursive: true, encoding: "utf8" }).filter((file) =>
    /^[^/]+\/stages\/[^/]+\.yaml$/.test(file),
  );
  it.each(files)("accepts hosts/%s", (file) => {
    expect(validate(parse(readFileSync(`hosts/${file}`, "utf8"))), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each(files)("is named in the first line of hosts/%s", (file) => {
    const text = readFileSync(`hosts/${file}`, "utf8");
    const [, named = ""] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    expect(resolve("hosts", dirname(file), named)).toBe(resolve("generated/stage.schema.json"));
  });

  it("may hold any text in its descriptions", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (description) => {
        const emitted = emitStageSchema({ type: "object", description, properties: {}, examples: [description] });
        expect(JSON.parse(emitted)).toMatchObject({ description, examples: [description] });
      }),
    );
  });

  it("uses only constraints that this test knows", () => {
    const known = new Set([...kinds, "properties", "items", "anyOf", "allOf", "description", "examples", "title"]);
    const unknown = sites.flatMap(({ schema }) => Object.keys(schema)).filter((key) => !known.has(key));
    expect(unknown.filter((key) => !key.startsWith("$"))).toEqual([]);
  });

  it("has a valid document for every place, which zod accepts too", () => {
    for (const { path, wrap, good } of sites) {
      expect({ path, broken: broken(wrap(good)) }).toEqual({ path, broken: [] });
      expect({ path, error: Stage.safeParse(wrap(good)).error?.message }).toEqual({ path, error: undefined });
    }
  });
});

describe("zod and the schema for editors", () => {
  it.each(kinds)("both refuse every document with a single fault of %s", (kind) => {
    const faulty = documents.get(kind) ?? [];
    expect(faulty.length).toBeGreaterThanOrEqual(leastPerKind);
    for (const { path, document } of faulty) {
      const shown = JSON.stringify(document).slice(0, 200);
      expect(broken(document), `${path}: ${shown}`).toContain(kind);
      expect(isRefusedByZod(document), `${path}: ${shown}`).toBe(true);
    }
  });

  it("both accept every document with a value at a limit", () => {
    for (const { path, document } of documents.get("good") ?? []) {
      const shown = `${path}: ${JSON.stringify(document).slice(0, 200)}`;
      expect(broken(document).slice(0, 3), shown).toEqual([]);
      expect(Stage.safeParse(document).error?.message, shown).toBeUndefined();
    }
  });

  it("agree on extreme values, except for the rules that JSON Schema cannot express", () => {
    const gaps = new Set(schemaGaps.map(({ path }) => path));
    for (const site of sites)
      for (const document of extremesOf(site).map(site.wrap)) {
        const issues = Stage.safeParse(document).error?.issues ?? [];
        const isGap = issues.length > 0 && issues.every((issue) => isOnlyRule(issue, gaps));
        const shown = `${site.path}: ${JSON.stringify(document).slice(0, 200)}`;
        if (!isGap) expect(broken(document).length > 0, shown).toBe(issues.length > 0);
      }
  });

  it("accept only documents that can become a seed", () => {
    const lookUp = (_: string, file: string) => ({ file, sha256: "0".repeat(64) });
    for (const { document } of documents.get("good") ?? []) expandStage(Stage.parse(document), lookUp);
  });

  it("were compared for texts of emoji at their limits; the output counts the documents", () => {
    for (const kind of ["good", "maxLength"]) {
      const withEmoji = (documents.get(kind) ?? []).filter(({ document }) => hasEmoji(document));
      expect(withEmoji.length).toBeGreaterThanOrEqual(leastPerKind);
    }
    const count = (kind: string) => `${kind} ${documents.get(kind)?.length}`;
    const emoji = [...documents.values()].flat().filter(({ document }) => hasEmoji(document)).length;
    console.log(
      `one fault each, refused by both: ${kinds.map(count).join(", ")}\n` +
        `without fault, accepted by both: ${count("good")}\nof all these, with emoji: ${emoji}`,
    );
  });
});

describe("the list of rules that JSON Schema cannot express", () => {
  it.each(schemaGaps.map((gap) => [gap.path, gap.says, gap.broken] as const))("contains %s: %s", (_, __, document) => {
    expect(broken(document)).toEqual([]);
    expect(Stage.safeParse(document).error?.issues).toHaveLength(1);
  });

  it("contains every rule of zod that is not about a single text", () => {
    expect([...new Set(schemaGaps.map(({ path, holder = path }) => holder))].sort()).toEqual(
      [...new Set(rulesOf(Stage, ""))].sort(),
    );
  });
});

interface Def {
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly checks?: readonly z.core.$ZodCheck[];
}

/** Paths of the lists and mappings for which zod has a rule of its own. */
function rulesOf(type: z.ZodType, path: string): string[] {
  const { innerType, element, options = [], shape = {}, checks = [] } = type.def as unknown as Def;
  const hasRule = !(type instanceof z.ZodString) && checks.some((check) => check._zod.def.check === "custom");
  return [
    ...(hasRule ? [path] : []),
    ...(innerType ? rulesOf(innerType, path) : []),
    ...(element ? rulesOf(element, `${path}[]`) : []),
    ...options.flatMap((option) => rulesOf(option, path)),
    ...Object.entries(shape).flatMap(([key, child]) => rulesOf(child, path === "" ? key : `${path}.${key}`)),
  ];
}
