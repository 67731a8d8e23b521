import { isDeepStrictEqual } from "node:util";
import { configFields } from "../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { inWords, normalised, readBack } from "../owncast/apply/diff.ts";

/** What the running stream was begun with, as `/api/admin/status` tells it; null when nobody publishes. */
export type Broadcast = {
  readonly latencyLevel: { readonly level: number };
  readonly outputSettings: readonly unknown[];
} | null;

/** A setting whose value on the server is not the one that the running stream was begun with; both in the stage file's words. */
export interface Waiting {
  readonly path: string;
  readonly running: unknown;
  readonly next: unknown;
}

/** What a running stream tells of itself, by setting; nothing else of it can be known from outside. */
const told: Readonly<Record<string, (broadcast: NonNullable<Broadcast>) => unknown>> = {
  "video.latency": ({ latencyLevel }) => latencyLevel.level,
  "video.ladder": ({ outputSettings }) => outputSettings,
};

const nextStreamFields = configFields.filter(({ meta }) => meta.takesEffect === "next-stream");

/** The changes that the running stream does not have yet. Pure; `live` is what `GET /api/admin/serverconfig` answered. */
export function waitingChanges(broadcast: Broadcast, live: unknown): Waiting[] {
  if (!broadcast) return [];
  return nextStreamFields.flatMap(({ path, meta }) => {
    const ofBroadcast = told[path];
    if (!ofBroadcast) return [];
    const [running, next] = [ofBroadcast(broadcast), readBack(meta, live)];
    if (isDeepStrictEqual(normalised(meta, running), normalised(meta, next))) return [];
    return [{ path, running: inWords(meta, running), next: inWords(meta, next) }];
  });
}

/** The seed's settings of which nobody can tell whether the running stream has them already. */
export const untold = (seed: Seed): string[] =>
  nextStreamFields
    .map(({ path }) => path)
    .filter((path) => !(path in told) && lookUp(seed, path.split(".")) !== undefined);

const lookUp = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
