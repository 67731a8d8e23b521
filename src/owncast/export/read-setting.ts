import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import type { ConfigMeta, FoundSecret, SecretNaming } from "../../../codegen/schema/core/registry.ts";
import { expandStage } from "../../../codegen/schema/stage/stage.ts";
import { secretFault } from "../../lib/secret-file.ts";
import { encodeSetting, normalised, readBack } from "../apply/diff.ts";
import { sha256Of } from "../resources/picture.ts";
import { naming } from "./naming.ts";
import { lacking, type Reading, type Refusal, unread } from "./reading.ts";
import { at, checkSetting } from "./stage-faults.ts";

export interface ReadOptions {
  /** Names that other secrets have already. */
  readonly taken: ReadonlySet<string>;
  /** The admin password, which no other secret may equal. */
  readonly password: string;
}

/**
 * One setting as the server has it, in a stage file's words. What is said comes out the same when it is applied: that is tried
 * here, and what would come out otherwise is refused. Pure.
 * @param config what `GET /api/admin/serverconfig` answered
 */
export function readSetting({ path, meta }: Field<ConfigMeta>, config: unknown, options: ReadOptions): Reading {
  const live = readBack(meta, config);
  if (live === undefined) return { ...unread, path, remark: lacking(meta.since) };
  const isOwnDefault = attempt(() => isOwn(meta, live)) ?? false;
  const said = say(path, meta, live, options);
  if (!isOwnDefault || said.refused.length === 0) return { ...unread, path, isOwnDefault, ...said };
  const { ownDefault } = meta;
  const remark = `Owncast's own: ${"says" in ownDefault ? ownDefault.says : JSON.stringify(ownDefault.value)}`;
  return { ...unread, path, isOwnDefault, remark };
}

type Said = Pick<Reading, "value" | "refused" | "secrets">;

function say(path: string, meta: ConfigMeta, live: unknown, options: ReadOptions): Said {
  const secrets: FoundSecret[] = [];
  const refuse = (why: readonly string[], value?: unknown): Said => ({
    refused: [{ path, why, ...(value !== undefined && { value }) }],
    secrets: [],
  });
  const decoded = attempt(() => decode(meta, live, naming(options.taken, secrets)));
  if (decoded === undefined)
    return refuse([`${path}: has a form that is not known here`], meta.secret ? undefined : live);
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
    return refuse([`${path}: a stage file has no words for what Owncast has here`], decoded);
  return { value: checked.value, refused: unusable(), secrets };
}

/** What Owncast has, in the words of a stage file that nobody has checked yet. */
function decode(meta: ConfigMeta, live: unknown, nameSecret: SecretNaming): unknown {
  const inWords = (meta.decode ?? meta.show ?? ((value: never) => value)) as (
    value: unknown,
    name: SecretNaming,
  ) => unknown;
  return inWords(normalised(meta, live), nameSecret);
}

/** Whether a server has what a fresh one has. */
function isOwn(meta: ConfigMeta, live: unknown): boolean {
  const { ownDefault } = meta;
  const own = "value" in ownDefault ? encodeSetting(meta, ownDefault.value, () => "") : ownDefault.readsBack;
  if (own !== undefined) return isDeepStrictEqual(normalised(meta, own), normalised(meta, live));
  const known = "sha256" in ownDefault ? (ownDefault.sha256 ?? []) : [];
  return typeof live === "string" && known.includes(sha256Of(Buffer.from(live)));
}

/** A secret that Lectern would refuse when it is asked to apply it. */
function unusableSecret(path: string, { name, holds, value }: FoundSecret, { password }: ReadOptions): Refusal[] {
  const fault = secretFault(value) ?? (value === password ? "is the same as the admin password" : undefined);
  return fault === undefined ? [] : [{ path, why: [`${path}: ${name}: ${holds} ${fault}; give it a new value`] }];
}

/** Whether a seed holds the setting whatever the stage file says: then leaving it out would not leave it alone. */
const isAlwaysThere = (path: string): boolean => at(expandStage({}), path.split(".")) !== undefined;

/** The value without those of its parts that may be left out and are at fault; undefined where that does not help. */
function withoutFaulty(path: string, value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const rest: unknown = structuredClone(value);
  for (const issue of issues) {
    const inside = issue.path.slice(path.split(".").length);
    const parent = at(rest, inside.slice(0, -1));
    if (typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, inside.at(-1) ?? "");
  }
  return checkSetting(path, rest).value;
}

/** A server of another kind may answer in a form that nothing here expects. */
function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
