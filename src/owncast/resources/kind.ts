import { isDeepStrictEqual } from "node:util";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { Resource, SecretLookup } from "../../../codegen/schema/core/registry.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import type { OwncastClient, WriteResult } from "../client/client.ts";

/** A server, the bytes of the files that the seed names, and its secrets. */
export interface ResourceServer {
  readonly client: OwncastClient;
  readonly assets: Assets;
  readonly reveal: SecretLookup;
}

/** One thing that the seed wants on the server. */
export interface Wanted {
  /** What tells things of a kind apart, a url or a name; `""` where there is only ever one. */
  readonly key: string;
  /** Its name for people, which unlike `key` is never a secret. */
  readonly label: string;
  /** What Owncast says of it may repeat a secret. */
  readonly secret?: true;
  /** Equal to a found thing's value when nothing is to be done. */
  readonly value: unknown;
  /** The value on a line. */
  readonly shown: string;
  create(): Promise<WriteResult>;
}

/** One thing that is on the server. */
export interface Found {
  readonly key: string;
  readonly value: unknown;
  readonly shown: string;
  /** Its name for people, which unlike `key` is never a secret. */
  readonly label: string;
  /** An access token's value: to be kept, never to be shown. */
  readonly token?: string;
  /** Absent where making the new one replaces the old one, or where it cannot safely be removed. */
  remove?(): Promise<WriteResult>;
}

/** A kind's wanted and found things, and whether what nobody wants goes. */
export interface ResourceState {
  readonly wanted: readonly Wanted[];
  readonly found: readonly Found[];
  readonly prune: boolean;
}

/** How one kind of thing is brought about. */
export interface ResourceKind {
  readonly resource: Resource;
  /** Asks the server for what is there, once a kind; undefined, and nothing asked, when the seed declares none. */
  read(seed: Seed, server: ResourceServer): Promise<ResourceState | undefined>;
}

/** One thing to be done. */
export interface ResourceStep {
  /** The setting, dotted: `integrations.webhooks`. */
  readonly path: string;
  readonly action: "create" | "replace" | "remove";
  /** Which of the setting's things, in words for people; `""` where there is only one. */
  readonly name: string;
  readonly have?: string;
  readonly want?: string;
  /** What Owncast answers may repeat a secret. */
  readonly secret?: true;
  write(): Promise<WriteResult>;
}

/** What must be done for one kind, and what is there beside it and stays. */
export interface ResourceDiff {
  readonly steps: readonly ResourceStep[];
  readonly extras: readonly Found[];
}

/**
 * Matches what is wanted with what is there, by key. A wanted thing that is there as wanted keeps it; one that is there
 * only otherwise replaces all of its key. The rest is removed when pruning, else it is left over. Pure.
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

/** The old ones go first: a run that is cut off in between leaves nothing that the next one would not put right. */
async function replace(old: readonly Found[], want: Wanted): Promise<WriteResult> {
  for (const { remove } of old) {
    const removed = await remove?.();
    // Nobody knows whether it is gone: the state is read again before anything else is done.
    if (removed?.status === 0) return removed;
  }
  return want.create();
}
