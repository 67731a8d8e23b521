import { isDeepStrictEqual } from "node:util";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { SecretLookup, SecretNaming } from "../../../codegen/schema/core/registry.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { isLost, type OwncastClient, type WriteResult } from "../client/client.ts";

/**
 * How one kind of resource is compared, written and exported. A resource lies outside Owncast's configuration: a picture,
 * a webhook, an access token. Each kind has one file in this folder and one entry in `converge.ts`.
 */
export interface ResourceKind {
  /** Its name in the metadata of its setting (`resource`). */
  readonly resource: string;
  /** Reads the server's resources. Undefined if the seed does not declare the kind: then Lectern does not ask the server. */
  read(seed: Seed, server: ResourceServer): Promise<ResourceState | undefined>;
  /** The server's resources, as a stage file says them; undefined if this server lacks the kind. */
  readForExport(source: ExportSource): Promise<ExportedResources | undefined>;
}

/** A server, the bytes of the files that the seed names, and the seed's secrets. */
export interface ResourceServer {
  readonly client: OwncastClient;
  readonly assets: Assets;
  readonly reveal: SecretLookup;
}

/** One resource that the seed asks for. */
export interface Wanted {
  /** Tells the resources of a kind apart: an address or a name; `""` if there is only one. */
  readonly key: string;
  /** Its name for people. Unlike `key` it is never a secret. */
  readonly label: string;
  /** Owncast's messages about it may repeat a secret. */
  readonly secret?: true;
  /** Equal to the value of a found resource if nothing is to do. */
  readonly value: unknown;
  /** The value on a line. */
  readonly shown: string;
  create(): Promise<WriteResult>;
}

/** One resource that the server has. */
export interface Found {
  readonly key: string;
  readonly value: unknown;
  readonly shown: string;
  /** Its name for people. Unlike `key` it is never a secret. */
  readonly label: string;
  /** An access token's value: kept, never shown. */
  readonly token?: string;
  /** Left out if a new resource replaces this one by itself, or if it cannot safely be removed. */
  remove?(): Promise<WriteResult>;
}

/** The wanted and the found resources of one kind. */
export interface ResourceState {
  readonly wanted: readonly Wanted[];
  readonly found: readonly Found[];
  /** Whether resources that the seed does not name are removed. */
  readonly prune: boolean;
}

/** One change to the resources of a server. */
export interface ResourceStep {
  /** The setting, dotted: `integrations.webhooks`. */
  readonly path: string;
  readonly action: "create" | "replace" | "remove";
  /** The resource's name for people; `""` if there is only one. */
  readonly name: string;
  readonly have?: string;
  readonly want?: string;
  /** Owncast's messages about it may repeat a secret. */
  readonly secret?: true;
  write(): Promise<WriteResult>;
}

/** The changes for one kind, and the resources that no seed names and that stay. */
export interface ResourceDiff {
  readonly steps: readonly ResourceStep[];
  readonly extras: readonly Found[];
}

/**
 * Matches wanted and found resources by key. A resource that already matches is kept. One that differs replaces all with
 * its key. The rest is removed if `prune` is set. Pure.
 */
export function diffResource(path: string, { wanted, found, prune }: ResourceState): ResourceDiff {
  const matched = new Set<Found>();
  const steps = wanted.flatMap((want): ResourceStep[] => {
    const same = found.filter(({ key }) => key === want.key);
    const kept = same.find(({ value }) => isDeepStrictEqual(value, want.value));
    for (const old of kept ? [kept] : same) matched.add(old);
    if (kept) return [];
    const [have] = same;
    const write = () => replace(same, want);
    const step = { path, name: want.label, want: want.shown, ...(want.secret && { secret: want.secret }), write };
    return [have ? { ...step, action: "replace", have: have.shown } : { ...step, action: "create" }];
  });
  const unwanted = found.filter((one) => !matched.has(one));
  const removals = unwanted.flatMap(({ label, shown, remove }): ResourceStep[] =>
    prune && remove ? [{ path, action: "remove", name: label, have: shown, write: () => remove() }] : [],
  );
  return { steps: [...steps, ...removals], extras: unwanted.filter(({ remove }) => !prune || !remove) };
}

/** Removes the old resources first: if the run is cut off in between, the next run creates the missing one. */
async function replace(old: readonly Found[], want: Wanted): Promise<WriteResult> {
  for (const { remove } of old) {
    const removed = await remove?.();
    // Perhaps the old one is still there: the server is read again before anything else is written.
    if (removed && isLost(removed)) return removed;
  }
  return want.create();
}

/** The context in which a kind reads a server for `export`. */
export interface ExportSource {
  readonly client: OwncastClient;
  /** The folder of pictures, by its path from the stage file. */
  readonly folder: string;
  /** SHA-256 of the kind's pictures that a fresh Owncast has. */
  readonly own: readonly string[];
  /** Stores a secret and returns its name for the entry. */
  readonly nameSecret: SecretNaming;
}

/** All resources of a kind. `isAll`: Owncast's own ones are gone, so `prune` belongs into the stage file. */
export type ExportedResources =
  | { readonly list: readonly ExportedResource[]; readonly isAll?: boolean }
  | { readonly single: ExportedResource | undefined };

/** One resource as a stage file says it. */
export interface ExportedResource {
  /** An entry of a list, or the whole value of a setting that is one picture. */
  readonly entry: unknown;
  /** Its name for people, if it is one of a list. */
  readonly label?: string;
  /** The entry without anything that may be a secret, if that differs. */
  readonly shown?: unknown;
  /** A picture: its bytes, and the path by which the entry names it. */
  readonly picture?: { readonly path: string; readonly bytes: Uint8Array };
  /** The reason why a stage file cannot hold it, even if the entry is valid by the schema. */
  readonly fault?: string;
}

/** Owncast's names as a stage file's words, sorted, so that their order makes no difference. A name without a word stays. */
export function toWords(names: Readonly<Record<string, string>>, found: readonly string[]): string[] {
  const words = new Map(Object.entries(names).map(([word, name]) => [name, word]));
  return found.map((name) => words.get(name) ?? name).sort();
}
