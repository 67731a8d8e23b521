import { z } from "zod";
import { banner } from "./banner.ts";
import type { Docs } from "./docs.ts";

/** The part of JSON Schema (draft 7) that zod writes for our schemas. */
export interface JsonSchema {
  readonly $schema?: string;
  /** Of a text: its form in words. */
  readonly $comment?: string;
  readonly type?: "string" | "integer" | "boolean" | "array" | "object";
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly const?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly allOf?: readonly { readonly pattern: string }[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  /** Of a mapping with free keys: what its values are. */
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** A zod schema as JSON Schema, with the docs as descriptions and examples. Every emitter starts from this form. */
export function annotatedSchema(schema: z.ZodType, docs: Docs): JsonSchema {
  const plain = z.toJSONSchema(schema, { target: "draft-7", io: "input" }) as JsonSchema;
  return annotate(plain, docs, "");
}

function annotate(schema: JsonSchema, docs: Docs, path: string): JsonSchema {
  const doc = docs.get(path);
  const { $schema, ...rest } = schema;
  return {
    ...($schema && { $schema }),
    ...(doc && { description: doc.text }),
    ...(doc?.example !== undefined && { examples: [doc.example] }),
    ...rest,
    ...(schema.items && { items: annotate(schema.items, docs, `${path}[]`) }),
    ...(schema.anyOf && {
      anyOf: schema.anyOf.map((branch) => annotateBranch(branch, docs, path)),
    }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([key, child]) => [
          key,
          annotate(child, docs, path === "" ? key : `${path}.${key}`),
        ]),
      ),
    }),
  };
}

/** A branch has the same path as its union, and must not repeat the union's doc. */
function annotateBranch(branch: JsonSchema, docs: Docs, path: string): JsonSchema {
  const { description: _, examples: __, ...rest } = annotate(branch, docs, path);
  return rest;
}

/** The JSON Schema of stage files, for editors and other validators. */
export const emitStageSchema = ({ $schema, ...schema }: JsonSchema): string =>
  `${JSON.stringify({ $schema, $comment: banner("codegen/schema/").join(" "), title: "Lectern stage", ...schema }, null, 2)}\n`;
