import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { sha256Of } from "../../../codegen/load/assets.ts";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import { valueAt } from "../../../codegen/schema/core/paths.ts";
import type { ConfigMeta, FoundSecret, SecretNaming } from "../../../codegen/schema/core/registry.ts";
import { expandStage } from "../../../codegen/schema/stage/stage.ts";
import { secretFault } from "../../lib/secret-file.ts";
import { encodeSetting, normalised, readBack } from "../apply/diff.ts";
import { checkSetting, lacking, namingInto, type Reading, type Refusal, unread } from "./reading.ts";

export interface ReadOptions {
  /** Names of other secrets. */
  readonly taken: ReadonlySet<string>;
  /** The admin password, which no other secret may equal. */
  readonly password: string;
}

/**
 * One setting as the server has it. Makes sure that applying the value gives the server the same again, and refuses a
 * value for which it would not. Pure.
 * @param config what `GET /api/admin/serverconfig` answered
 */
export function readSetting({ path, meta }: Field<ConfigMeta>, config: unknown, options: ReadOptions): Reading {
  const live = readBack(meta, config);
  if (live === undefined) return { ...unread, path, remark: lacking(meta.since) };
  const isOwnDefault = attempt(() => isOwn(meta, live)) ?? false;
  const found = readValue(path, meta, live, options);
  if (!isOwnDefault || found.refused.length === 0) return { ...unread, path, isOwnDefault, ...found };
  const { ownDefault } = meta;
  const remark = `Owncast's own: ${"says" in ownDefault ? ownDefault.says : JSON.stringify(ownDefault.value)}`;
  return { ...unread, path, isOwnDefault, remark };
}

type FoundValue = Pick<Reading, "value" | "refused" | "secrets">;

function readValue(path: string, meta: ConfigMeta, live: unknown, options: ReadOptions): FoundValue {
  const secrets: FoundSecret[] = [];
  const refuse = (why: readonly string[], value?: unknown): FoundValue => ({
    refused: [{ path, why, ...(value !== undefined && { value }) }],
    secrets: [],
  });
  const decoded = attempt(() => decode(meta, live, namingInto(secrets, options.taken)));
  if (decoded === undefined)
    return refuse([`${path}: has a form that Lectern does not know`], meta.secret ? undefined : live);
  const unusable = () => secrets.flatMap((secret) => unusableSecret(path, secret, options));
  const checked = checkSetting(path, decoded);
  if (checked.faults) {
    const refused = refuse(
      checked.faults.map((fault) => `${fault.path}: ${fault.message}`),
      decoded,
    );
    const value = isAlwaysThere(path) ? withoutFaulty(path, decoded, checked.issues) : undefined;
    return value === undefined ? refused : { value, refused: [...refused.refused, ...unusable()], secrets };
  }
  const sent = encodeSetting(meta, checked.value, (name) => secrets.find((one) => one.name === name)?.value ?? "");
  if (!isDeepStrictEqual(normalised(meta, sent), normalised(meta, live)))
    return refuse([`${path}: a stage file cannot hold Owncast's value`], decoded);
  return { value: checked.value, refused: unusable(), secrets };
}

/** Owncast's value as a stage file would say it, not checked yet. */
function decode(meta: ConfigMeta, live: unknown, nameSecret: SecretNaming): unknown {
  const decodeValue = (meta.decode ?? meta.show ?? ((value: never) => value)) as (
    value: unknown,
    name: SecretNaming,
  ) => unknown;
  return decodeValue(normalised(meta, live), nameSecret);
}

/** Whether the server has the value of a fresh Owncast. */
function isOwn(meta: ConfigMeta, live: unknown): boolean {
  const { ownDefault } = meta;
  const own = "value" in ownDefault ? encodeSetting(meta, ownDefault.value, () => "") : ownDefault.readsBack;
  if (own !== undefined) return isDeepStrictEqual(normalised(meta, own), normalised(meta, live));
  const known = "sha256" in ownDefault ? (ownDefault.sha256 ?? []) : [];
  return typeof live === "string" && known.includes(sha256Of(Buffer.from(live)));
}

/** The reason why Lectern would refuse to apply a secret, if it would. */
function unusableSecret(path: string, { name, holds, value }: FoundSecret, { password }: ReadOptions): Refusal[] {
  const fault = secretFault(value) ?? (value === password ? "is the same as the admin password" : undefined);
  return fault === undefined ? [] : [{ path, why: [`${path}: ${name}: ${holds} ${fault}; give it a new value`] }];
}

/** Whether every seed holds the setting: then it is managed even if the stage file leaves it out. */
const isAlwaysThere = (path: string): boolean => valueAt(expandStage({}), path) !== undefined;

/** The value without its faulty parts; undefined if that is not valid either. */
function withoutFaulty(path: string, value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const rest: unknown = structuredClone(value);
  for (const issue of issues) {
    const inside = issue.path.slice(path.split(".").length);
    const parent = valueAt(rest, inside.slice(0, -1));
    if (typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, inside.at(-1) ?? "");
  }
  return checkSetting(path, rest).value;
}

/** Undefined if the work throws: another kind of server may respond in an unexpected form. */
function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
