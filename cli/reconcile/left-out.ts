import { fields } from "../../codegen/schema/fields.ts";
import type { Seed } from "../../generated/seed.d.ts";

/** The settings that a seed says nothing about, dotted, in the schema's order: Owncast keeps what it has. */
export const settingsLeftOut = (seed: Seed): string[] =>
  fields.map(({ path }) => path).filter((path) => lookUp(seed, path.split(".")) === undefined);

const lookUp = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
