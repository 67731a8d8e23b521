import { z } from "zod";
import { Seed } from "../stage/stage.ts";
import { type ConfigMeta, type ResourceMeta, type SettingMeta, settings } from "./registry.ts";

/** A leaf of the seed. `path` is dotted, as people write it: `video.latency`. */
export interface Field<Meta extends SettingMeta = SettingMeta> {
  readonly path: string;
  readonly schema: z.ZodType;
  readonly meta: Meta;
}

/** Every setting of a schema, in its order. Throws on a leaf that carries no metadata. */
export function fieldsOf(schema: z.ZodType, path = ""): Field[] {
  const inner = schema instanceof z.ZodExactOptional ? (schema.unwrap() as z.ZodType) : schema;
  const meta = settings.get(inner);
  if (meta) return [{ path, schema: inner, meta }];
  if (!(inner instanceof z.ZodObject))
    throw new Error(`${path}: a setting without metadata; register it in codegen/schema`);
  return Object.entries(inner.shape).flatMap(([key, child]) =>
    fieldsOf(child as z.ZodType, path === "" ? key : `${path}.${key}`),
  );
}

/** Every setting that a seed can hold. */
export const fields: readonly Field[] = fieldsOf(Seed);

/** Those that are one value of Owncast's configuration. */
export const configFields: readonly Field<ConfigMeta>[] = fields.filter(
  (field): field is Field<ConfigMeta> => field.meta.resource === undefined,
);

/** Those that are things outside it: files, webhooks, access tokens. */
export const resourceFields: readonly Field<ResourceMeta>[] = fields.filter(
  (field): field is Field<ResourceMeta> => field.meta.resource !== undefined,
);
