import type { z } from "zod";
import { explainIssues } from "../../../codegen/load/explain.ts";
import type { Document } from "../../../codegen/load/yaml-document.ts";
import { expandStage, Seed, Stage } from "../../../codegen/schema/stage/stage.ts";

/** What is wrong, and with what part of a setting. */
export interface Fault {
  /** Dotted, with the entries of lists: `video.ladder[1].cpuUsage`. */
  readonly path: string;
  readonly message: string;
}

/** What a value is in a stage file: checked, or the faults that `lectern check` would find. */
export type Checked =
  | { readonly value: unknown; readonly faults?: never }
  | { readonly value?: never; readonly faults: readonly Fault[]; readonly issues: readonly z.core.$ZodIssue[] };

/** Checks one setting's value as if it stood alone in a stage file. */
export function checkSetting(path: string, value: unknown): Checked {
  const isOfStage = (path.split(".")[0] ?? "") in Stage.shape;
  const stage = isOfStage ? nest(path, value) : { ...expandStage({}), ...nest(path, value) };
  const schema = isOfStage ? Stage : Seed;
  const result = schema.safeParse(stage);
  if (result.success) return { value: at(result.data, path.split(".")) };
  const { issues } = result.error;
  return { faults: explainIssues(withoutPlaces(stage), schema, issues), issues };
}

/** `{ a: { b: value } }` for `a.b`. */
const nest = (path: string, value: unknown): Record<string, unknown> =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;

/** The value at a path; undefined where there is none. */
export const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/** What stands in no file has no place in one. */
const withoutPlaces = (value: unknown): Document => ({
  value,
  faults: [],
  offsetAt: () => 0,
  offsetOfKey: () => 0,
  sourceAt: () => "",
  lineOf: () => "",
  valueAt: () => ({ line: 1, column: 1 }),
  problems: () => [],
});
