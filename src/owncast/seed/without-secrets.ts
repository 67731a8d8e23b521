import { valueAt } from "../../../codegen/schema/core/paths.ts";
import { owncastFields } from "../../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { secretsIn } from "./secrets.ts";

/** A setting that was left out, or lost entries of its list, and the secrets that it needs. */
export interface LeftOut {
  readonly path: string;
  readonly secrets: readonly string[];
}

/** The seed without the settings, or entries of lists, that need one of these secrets. Pure. */
export function withoutSecrets(seed: Seed, names: readonly string[]): { seed: Seed; leftOut: LeftOut[] } {
  const leftOut = owncastFields.flatMap(({ path }) => {
    const secrets = [...new Set(secretsIn(valueAt(seed, path)))].filter((name) => names.includes(name));
    return secrets.length === 0 ? [] : [{ path, secrets }];
  });
  const reduced = leftOut.reduce(
    (rest, { path }) => withSetting(rest, path, without(valueAt(rest, path), names)),
    seed,
  );
  return { seed: reduced, leftOut };
}

/** The seed without a setting. Pure. */
export const withoutSetting = (seed: Seed, path: string): Seed => withSetting(seed, path, undefined);

/** The seed with another value for a setting, by its dotted path; undefined leaves it out. Pure. */
export const withSetting = (seed: Seed, path: string, value: unknown): Seed =>
  replaced(seed, path.split("."), value) as Seed;

/** The rest of a value; undefined if nothing can stay. A list stays, without some of its entries. */
function without(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => without(entry, names)).filter((entry) => entry !== undefined);
  const { secret } = value as { secret?: unknown };
  if (typeof secret === "string" && names.includes(secret)) return undefined;
  const entries = Object.entries(value).map(([key, inner]) => [key, without(inner, names)] as const);
  return entries.some(([, inner]) => inner === undefined) ? undefined : Object.fromEntries(entries);
}

function replaced(object: unknown, [key = "", ...deeper]: readonly string[], value: unknown): unknown {
  const { [key]: inner, ...rest } = (object ?? {}) as Record<string, unknown>;
  const after = deeper.length === 0 ? value : replaced(inner, deeper, value);
  return after === undefined || isEmpty(after) ? rest : { ...rest, [key]: after };
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
