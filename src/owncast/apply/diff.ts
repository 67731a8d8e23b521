import { isDeepStrictEqual } from "node:util";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import { valueAt } from "../../../codegen/schema/core/paths.ts";
import type { ConfigMeta, SecretLookup, TakesEffect } from "../../../codegen/schema/core/registry.ts";
import { owncastFields } from "../../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { CliError } from "../../lib/errors.ts";
import { notOwncast } from "../client/client.ts";

/** A managed setting whose value on the server differs from the seed's. `have` and `want` are in Owncast's own form. */
export interface Change {
  /** Dotted, as people write it: `video.latency`. */
  readonly path: string;
  /** Endpoint below `/api/admin/config/`. */
  readonly write: string;
  readonly takesEffect: TakesEffect;
  /** `have` and `want` hold secrets: never show them. */
  readonly secret: boolean;
  /** First Owncast release that has the setting, if it is known. */
  readonly since?: string;
  readonly have: unknown;
  readonly want: unknown;
  /** Both as a stage file says them, for people. */
  readonly shown: { readonly have: unknown; readonly want: unknown };
}

/**
 * Lists what must change on the server. A setting that the seed leaves out is not managed and yields nothing. A setting
 * that cannot be read back (`read: null`) is not compared here. Pure.
 * @param live what `GET /api/admin/serverconfig` answered
 */
export function diff(fields: readonly Field<ConfigMeta>[], seed: Seed, live: unknown, reveal: SecretLookup): Change[] {
  return fields.flatMap(({ path, meta }) => {
    const desired = valueAt(seed, path);
    if (desired === undefined || meta.read === null) return [];
    const want = encodeSetting(meta, desired, reveal);
    const have = readBack(meta, live);
    if (have !== undefined && isDeepStrictEqual(normalised(meta, want), normalised(meta, have))) return [];
    const { write, takesEffect, secret = false, since } = meta;
    const shown = { have: asInStageFile(meta, have), want: asInStageFile(meta, want) };
    return [{ path, write, takesEffect, secret, ...(since && { since }), have, want, shown }];
  });
}

/** A seed's value in the form that Owncast is sent. */
export const encodeSetting = (meta: ConfigMeta, value: unknown, reveal: SecretLookup): unknown =>
  meta.encode ? (meta.encode as (value: unknown, reveal: SecretLookup) => unknown)(value, reveal) : value;

/** The server's value of a setting, in Owncast's own form; undefined if it lacks the setting or cannot tell. */
export function readBack({ read, absentMeans }: ConfigMeta, live: unknown): unknown {
  if (read === null) return undefined;
  const found = valueAt(live, read);
  return found === undefined ? absentMeans : found;
}

/** A sent or read-back value in a form in which equal settings are equal values. */
export const normalised = ({ normalise = same, write }: ConfigMeta, value: unknown): unknown =>
  orNotOwncast(write, () => (normalise as (value: unknown) => unknown)(value));

/** A sent or read-back value as a stage file says it, for people. A secret stays as it is, since nobody may see it. */
export function asInStageFile(meta: ConfigMeta, value: unknown): unknown {
  if (value === undefined || meta.secret) return value;
  const { decode, show = same } = meta;
  if (!decode) return orNotOwncast(meta.write, () => (show as (value: unknown) => unknown)(value));
  return orNotOwncast(meta.write, () => (decode as (value: unknown) => unknown)(normalised(meta, value)));
}

/** Settings of the seed that this server lacks: it has nothing at the place where they read back. */
export const unsupported = (changes: readonly Change[]): Change[] => changes.filter(({ have }) => have === undefined);

/** Settings that the seed leaves out, dotted, in the schema's order. */
export const settingsLeftOut = (seed: Seed): string[] =>
  owncastFields.map(({ path }) => path).filter((path) => valueAt(seed, path) === undefined);

/** Runs a function of a setting, which throws if the value does not have Owncast's form. Throws CliError 69 instead. */
function orNotOwncast<Result>(write: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof CliError ? error : notOwncast(`the value of ${write} has another form`, error);
  }
}

const same = (value: unknown): unknown => value;
