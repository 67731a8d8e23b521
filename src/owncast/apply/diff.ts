import { isDeepStrictEqual } from "node:util";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import type { ConfigMeta, SecretLookup, TakesEffect } from "../../../codegen/schema/core/registry.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { CliError } from "../../lib/errors.ts";
import { notOwncasts } from "../client/response-shape.ts";

/** A managed setting whose running value is not the seed's. `have` and `want` are in Owncast's own form. */
export interface Change {
  /** Dotted, as people write it: `video.latency`. */
  readonly path: string;
  /** Endpoint below `/api/admin/config/`. */
  readonly write: string;
  readonly takesEffect: TakesEffect;
  /** `have` and `want` hold secrets: compare them, send them, never show them. */
  readonly secret: boolean;
  /** First Owncast release that has the setting, where that is known. */
  readonly since?: string;
  readonly have: unknown;
  readonly want: unknown;
  /** Both in the seed's words, for people. */
  readonly shown: { readonly have: unknown; readonly want: unknown };
}

/**
 * Lists what must change on the server. A setting absent from the seed is unmanaged and yields nothing;
 * one that cannot be read back (`read: null`) is not compared here. Pure.
 * @param live what `GET /api/admin/serverconfig` answered
 */
export function diff(fields: readonly Field<ConfigMeta>[], seed: Seed, live: unknown, reveal: SecretLookup): Change[] {
  return fields.flatMap(({ path, meta }) => {
    const desired = lookUp(seed, path.split("."));
    if (desired === undefined || meta.read === null) return [];
    const want = encodeSetting(meta, desired, reveal);
    const have = readBack(meta, live);
    if (have !== undefined && isDeepStrictEqual(normalised(meta, want), normalised(meta, have))) return [];
    const { write, takesEffect, secret = false, since } = meta;
    const shown = { have: inWords(meta, have), want: inWords(meta, want) };
    return [{ path, write, takesEffect, secret, ...(since && { since }), have, want, shown }];
  });
}

/** A seed's value as Owncast is sent it. */
export const encodeSetting = (meta: ConfigMeta, value: unknown, reveal: SecretLookup): unknown =>
  meta.encode ? (meta.encode as (value: unknown, reveal: SecretLookup) => unknown)(value, reveal) : value;

/** What a server has for a setting, in Owncast's own form; undefined where it does not have the setting, or does not tell. */
export function readBack({ read, absentMeans }: ConfigMeta, live: unknown): unknown {
  if (read === null) return undefined;
  const found = lookUp(live, read.slice(1).split("/"));
  return found === undefined ? absentMeans : found;
}

/** A sent or read-back value in the form in which equal means equal. */
export const normalised = ({ normalise = same, write }: ConfigMeta, value: unknown): unknown =>
  asOwncasts(write, () => (normalise as (value: unknown) => unknown)(value));

/** A sent or read-back value in the stage file's words, for people; a secret one stays as it is, for nobody is shown it. */
export function inWords(meta: ConfigMeta, value: unknown): unknown {
  if (value === undefined || meta.secret) return value;
  const { decode, show = same } = meta;
  if (!decode) return asOwncasts(meta.write, () => (show as (value: unknown) => unknown)(value));
  return asOwncasts(meta.write, () => (decode as (value: unknown) => unknown)(normalised(meta, value)));
}

/** Settings that the seed names and this server does not have: its read-back place is not there. */
export const unsupported = (changes: readonly Change[]): Change[] => changes.filter(({ have }) => have === undefined);

/** What a setting's own functions make of a value. They rely on the form that Owncast gives it, and throw for another one. */
function asOwncasts<Result>(write: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof CliError ? error : notOwncasts(`the value of ${write} has another form`, error);
  }
}

const same = (value: unknown): unknown => value;

const lookUp = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
