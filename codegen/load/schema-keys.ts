import { core, type z } from "zod";

/** The keys that a schema's object at `path` knows; through optional wrappers, lists, mappings and unions. */
export const knownKeys = (schema: z.ZodType, path: readonly PropertyKey[]): string[] => [
  ...new Set(typesAt(schema, path).flatMap((type) => Object.keys(defOf(type).shape ?? {}))),
];

/** Whether a value would be good at `path` by itself. */
export const isGoodAt = (schema: z.ZodType, path: readonly PropertyKey[], value: unknown): boolean =>
  typesAt(schema, path).some((type) => core.safeParse(type, value).success);

function typesAt(schema: z.ZodType, path: readonly PropertyKey[]): z.core.$ZodType[] {
  let candidates: z.core.$ZodType[] = [schema];
  for (const key of path) candidates = candidates.flatMap(spread).flatMap((type) => childOf(type, key));
  return candidates.flatMap(spread);
}

interface Def {
  readonly innerType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly shape?: Record<string, z.core.$ZodType>;
}
const defOf = (type: z.core.$ZodType): Def => type._zod.def as unknown as Def;

function spread(type: z.core.$ZodType): z.core.$ZodType[] {
  const { innerType, options } = defOf(type);
  if (innerType) return spread(innerType);
  return options ? options.flatMap(spread) : [type];
}

function childOf(type: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  const { element, shape, valueType } = defOf(type);
  const child = typeof key === "number" ? element : (shape?.[String(key)] ?? valueType);
  return child ? [child] : [];
}
