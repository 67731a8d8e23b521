import { z } from "zod";
import { type OwncastMeta, type SettingMeta, settings } from "./registry.ts";

/** A leaf of a schema. `path` is dotted, as people write it: `video.latency`. */
export interface Field<Meta extends SettingMeta = SettingMeta> {
  readonly path: string;
  readonly schema: z.ZodType;
  readonly meta: Meta;
}

/** The schema of a value without its optional wrapper. */
export const withoutOptional = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodExactOptional ? (schema.unwrap() as z.ZodType) : schema;

/** Every setting of a schema, in its order. Throws on a leaf that carries no metadata. */
export function fieldsOf(schema: z.ZodType, path = ""): Field[] {
  const inner = withoutOptional(schema);
  const meta = settings.get(inner);
  if (meta) return [{ path, schema: inner, meta }];
  if (!(inner instanceof z.ZodObject))
    throw new Error(`${path}: a setting without metadata; register it in codegen/schema`);
  return Object.entries(inner.shape).flatMap(([key, child]) =>
    fieldsOf(child as z.ZodType, path === "" ? key : `${path}.${key}`),
  );
}

/** Every setting of a schema that holds Owncast's settings alone. Throws on a leaf that Owncast has no place for. */
export const owncastFieldsOf = (schema: z.ZodType): Field<OwncastMeta>[] =>
  fieldsOf(schema).map((field) => {
    if (isOfOwncast(field)) return field;
    throw new Error(`${field.path}: a setting of Owncast without an endpoint; only codegen/schema/stage may hold it`);
  });

/** Whether Owncast has this setting. */
export const isOfOwncast = (field: Field): field is Field<OwncastMeta> =>
  field.meta.write !== undefined || field.meta.resource !== undefined;
