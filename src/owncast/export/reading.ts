import type { z } from "zod";
import { explainIssues } from "../../../codegen/load/explain.ts";
import type { Document } from "../../../codegen/load/yaml-document.ts";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import { nestedAt, valueAt } from "../../../codegen/schema/core/paths.ts";
import type { FoundSecret, SecretNaming } from "../../../codegen/schema/core/registry.ts";
import { expandStage, Seed, Stage } from "../../../codegen/schema/stage/stage.ts";

/** Something on the server that a stage file cannot hold. */
export interface Refusal {
  /** Dotted, as people write it: `chat.forbiddenNames`. */
  readonly path: string;
  /** Its faults, one line each. */
  readonly why: readonly string[];
  /** The server's value as a stage file would say it, with names for secrets. Left out if it may be a secret itself. */
  readonly value?: unknown;
}

/** One setting as the server has it. */
export interface Reading {
  readonly path: string;
  /** As a stage file says it. Left out if the file does not say it: then `remark` or `refused` tells why. */
  readonly value?: unknown;
  /** A fresh Owncast has the same. */
  readonly isOwnDefault: boolean;
  /** Why there is no value, for a person who asked for everything. */
  readonly remark?: string;
  readonly refused: readonly Refusal[];
  /** The secrets that the value names, by their new names. */
  readonly secrets: readonly FoundSecret[];
  /** The bytes of the files that the value names, by their paths in it. */
  readonly assets: Assets;
}

/** A setting about which nothing is known yet. */
export const unread = { isOwnDefault: false, refused: [], secrets: [], assets: new Map<string, Uint8Array>() } as const;

/** For a setting that the server does not have. */
export const lacking = (since: string | undefined): string =>
  `this Owncast does not have it${since ? `; Owncast has it since ${since}` : ""}`;

/**
 * Gives each found secret the name that it asks for, with a number if that name is taken, and adds it to `found`.
 * @param taken names of other settings' secrets
 */
export const namingInto =
  (found: FoundSecret[], taken: ReadonlySet<string>): SecretNaming =>
  (secret) => {
    const isFree = (name: string) => !taken.has(name) && !found.some((other) => other.name === name);
    let { name } = secret;
    for (let number = 2; !isFree(name); number++) name = `${secret.name}-${number}`;
    found.push({ ...secret, name });
    return { secret: name };
  };

/** A fault in a part of a setting. */
interface Fault {
  /** Dotted, with the entries of lists: `video.ladder[1].cpuUsage`. */
  readonly path: string;
  readonly message: string;
}

/** A value that a stage file may hold, or the faults that `lectern check` would find. */
export type Checked =
  | { readonly value: unknown; readonly faults?: never }
  | { readonly value?: never; readonly faults: readonly Fault[]; readonly issues: readonly z.core.$ZodIssue[] };

/** Whether a stage file may hold the setting. A few belong to the seed alone: a host derives them. */
export const isOfStage = (path: string): boolean => (path.split(".")[0] ?? "") in Stage.shape;

/** Checks one setting's value as if it stood alone in a stage file. */
export function checkSetting(path: string, value: unknown): Checked {
  const alone = nestedAt(path, value) as object;
  const [schema, whole] = isOfStage(path) ? [Stage, alone] : [Seed, { ...expandStage({}), ...alone }];
  const { success, data, error } = schema.safeParse(whole);
  if (success) return { value: valueAt(data, path) };
  return { faults: explainIssues(withoutPlaces(whole), schema, error.issues), issues: error.issues };
}

/** A document that comes from no file: its values have no places. */
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
