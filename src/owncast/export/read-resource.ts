import { sha256Of } from "../../../codegen/load/assets.ts";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import type { FoundSecret, ResourceMeta } from "../../../codegen/schema/core/registry.ts";
import type { OwncastClient } from "../client/client.ts";
import { kinds } from "../resources/converge.ts";
import type { ExportedResource } from "../resources/kind.ts";
import { checkSetting, lacking, namingInto, type Reading, type Refusal, unread } from "./reading.ts";

/**
 * A setting that lies outside the configuration, as the server has it. Each entry of a list is kept or refused by itself:
 * the server keeps entries that a stage file does not name. Throws CliError as the client does.
 */
export async function readResource(
  { path, meta }: Field<ResourceMeta>,
  client: OwncastClient,
  folder: string,
  taken: ReadonlySet<string>,
): Promise<Reading> {
  const own = "sha256" in meta.ownDefault ? (meta.ownDefault.sha256 ?? []) : [];
  const secrets: FoundSecret[] = [];
  const kind = kinds.find(({ resource }) => resource === meta.resource)!;
  const found = await kind.readForExport({ client, folder, own, nameSecret: namingInto(secrets, taken) });
  if (!found) return { ...unread, path, remark: lacking(meta.since) };
  if ("single" in found) return readSingle(path, found.single, own);
  return { ...readList(path, found.list, found.isAll ?? false), secrets };
}

function readSingle(path: string, one: ExportedResource | undefined, own: readonly string[]): Reading {
  if (!one) return { ...unread, path, remark: "there is none" };
  const isOwnDefault = one.picture !== undefined && own.includes(sha256Of(one.picture.bytes));
  const why = faultsOf(path, one, one.entry);
  if (why.length === 0) return { ...unread, path, isOwnDefault, value: one.entry, assets: assetsOf([one]) };
  return { ...unread, path, isOwnDefault, refused: [{ path, why }] };
}

function readList(path: string, all: readonly ExportedResource[], isAll: boolean): Reading {
  const kept: ExportedResource[] = [];
  const refused: Refusal[] = [];
  for (const one of all) {
    const list = [...kept, one].map(({ entry }) => entry);
    const why = faultsOf(path, one, { list });
    if (why.length === 0) kept.push(one);
    else refused.push({ path, why, value: one.shown ?? one.entry });
  }
  const prune = isAll && refused.length === 0;
  const value = { list: kept.map(({ entry }) => entry), ...(prune && { prune }) };
  return { ...unread, path, isOwnDefault: all.length === 0 && !prune, value, refused, assets: assetsOf(kept) };
}

function faultsOf(path: string, { fault, shown, label }: ExportedResource, value: unknown): readonly string[] {
  const messages =
    fault === undefined ? (checkSetting(path, value).faults ?? []).map(({ message }) => message) : [fault];
  const name = label === undefined ? path : `${path} ${label}`;
  // The message of a fault may quote an address that holds a token.
  return messages.map((message) => `${name}: ${shown === undefined ? message : message.replace(/, got ".*$/, "")}`);
}

const assetsOf = (all: readonly ExportedResource[]): Map<string, Uint8Array> =>
  new Map(all.flatMap(({ picture }) => (picture ? [[picture.path, picture.bytes] as const] : [])));
