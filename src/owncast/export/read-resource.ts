import type { Field } from "../../../codegen/schema/core/fields.ts";
import type { FoundSecret, ResourceMeta } from "../../../codegen/schema/core/registry.ts";
import type { OwncastClient } from "../client/client.ts";
import { sha256Of } from "../resources/picture.ts";
import { naming } from "./naming.ts";
import { lacking, type Reading, type Refusal, unread } from "./reading.ts";
import { checkSetting } from "./stage-faults.ts";
import { type Thing, thingReaders } from "./things.ts";

/**
 * A setting that is things outside the configuration, as the server has them. Each thing of a list is said or refused by itself:
 * those that a stage file does not name stay. Throws CliError as the client does.
 */
export async function readThings(
  { path, meta }: Field<ResourceMeta>,
  client: OwncastClient,
  folder: string,
  taken: ReadonlySet<string>,
): Promise<Reading> {
  const own = "sha256" in meta.ownDefault ? (meta.ownDefault.sha256 ?? []) : [];
  const secrets: FoundSecret[] = [];
  const things = await thingReaders[meta.resource]({ client, folder, own, nameSecret: naming(taken, secrets) });
  if (!things) return { ...unread, path, remark: lacking(meta.since) };
  if ("single" in things) return readSingle(path, things.single, own);
  return { ...readList(path, things.list, things.isAll ?? false), secrets };
}

function readSingle(path: string, thing: Thing | undefined, own: readonly string[]): Reading {
  if (!thing) return { ...unread, path, remark: "there is none" };
  const isOwnDefault = thing.picture !== undefined && own.includes(sha256Of(thing.picture.bytes));
  const why = faultsOf(path, thing, thing.entry);
  if (why.length === 0) return { ...unread, path, isOwnDefault, value: thing.entry, assets: assetsOf([thing]) };
  return { ...unread, path, isOwnDefault, refused: [{ path, why }] };
}

function readList(path: string, things: readonly Thing[], isAll: boolean): Reading {
  const said: Thing[] = [];
  const refused: Refusal[] = [];
  for (const thing of things) {
    const list = [...said, thing].map(({ entry }) => entry);
    const why = faultsOf(path, thing, { list });
    if (why.length === 0) said.push(thing);
    else refused.push({ path, why, value: thing.shown ?? thing.entry });
  }
  const prune = isAll && refused.length === 0;
  const value = { list: said.map(({ entry }) => entry), ...(prune && { prune }) };
  return { ...unread, path, isOwnDefault: things.length === 0 && !prune, value, refused, assets: assetsOf(said) };
}

/** An address in the message of a fault may hold a token. */
const faultsOf = (path: string, { fault, shown, label }: Thing, value: unknown): readonly string[] => {
  const messages =
    fault === undefined ? (checkSetting(path, value).faults ?? []).map(({ message }) => message) : [fault];
  const name = label === undefined ? path : `${path} ${label}`;
  return messages.map((message) => `${name}: ${shown === undefined ? message : message.replace(/, got ".*$/, "")}`);
};

const assetsOf = (things: readonly Thing[]): Map<string, Uint8Array> =>
  new Map(things.flatMap(({ picture }) => (picture ? [[picture.path, picture.bytes] as const] : [])));
