import { owncastFields } from "../../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../../generated/seed.d.ts";

/** The settings that a seed says nothing about, dotted, in the schema's order: Owncast keeps what it has. */
export const settingsLeftOut = (seed: Seed): string[] =>
  owncastFields.map(({ path }) => path).filter((path) => settingOf(seed, path) === undefined);

/** The value of a setting by its dotted path; undefined if the seed does not have it. */
export const settingOf = (seed: Seed, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], seed);
