import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { type FileLookup, withAssetRefs } from "../core/asset.ts";
import { type Field, fieldsOf } from "../core/fields.ts";
import { accessDefaults } from "../owncast/access.ts";
import { owncastSeed, owncastStage } from "../owncast/owncast.ts";
import { contractLadder, expandLadder } from "../owncast/presets.ts";
import { storedLadderFault } from "../owncast/stored-ladder.ts";
import { captions, storedCaptionsFault } from "./captions.ts";
import { rehearsal } from "./rehearsal.ts";

/**
 * A stage file, which people write. Every setting may be left out, and then is not managed.
 * Settings of the stage that are not Owncast's get areas of their own here.
 */
export const Stage = owncastStage
  .extend({ captions: captions.exactOptional(), rehearsal: rehearsal.exactOptional() })
  .check(({ value, issues }) => void issues.push(...storageIssues(value, expandLadder)));
export type Stage = z.output<typeof Stage>;

/** A seed, which `lectern apply` applies. Presets are expanded, access is always there, secrets are names. */
export const Seed = owncastSeed
  .extend({ captions: captions.exactOptional(), rehearsal: rehearsal.exactOptional() })
  .check(({ value, issues }) => void issues.push(...storageIssues(value, (ladder) => ladder)));
export type SeedValue = z.output<typeof Seed>;

/** Every setting that a seed can hold. */
export const seedFields: readonly Field[] = fieldsOf(Seed);

interface Stored<Ladder> {
  readonly video?: { readonly ladder?: Ladder; readonly latency?: Parameters<typeof storedLadderFault>[1] };
  readonly storage?: { readonly objectStorage?: { readonly enabled: boolean } };
  readonly captions?: { readonly tracks?: unknown };
}

/** What a stage with object storage cannot have: segments that Owncast's clean-up deletes while they are listed, and captions. */
function storageIssues<Ladder>(
  { video, storage, captions }: Stored<Ladder>,
  expand: (ladder: Ladder) => readonly unknown[],
): z.core.$ZodRawIssue[] {
  if (!storage?.objectStorage?.enabled) return [];
  const message = video?.ladder && storedLadderFault(expand(video.ladder).length, video.latency);
  const issue = { code: "custom" as const, input: undefined };
  return [
    ...(message === undefined ? [] : [{ ...issue, message, path: ["video", "ladder"] }]),
    ...(captions?.tracks === undefined
      ? []
      : [{ ...issue, message: storedCaptionsFault, path: ["captions", "tracks"] }]),
  ];
}

const noFiles: FileLookup = (path) => {
  throw new Error(`${path}: this stage names files, and nothing was given to look them up with`);
};

/** The seed that a checked stage file becomes. Pure: the same stage and files give the same seed. */
export function expandStage({ video, access, ...rest }: Stage, lookUp: FileLookup = noFiles): SeedValue {
  const { ladder, ...otherVideo } = video ?? {};
  return Seed.parse({
    ...withAssetRefs(Stage, rest, lookUp),
    ...(video && { video: { ...otherVideo, ...(ladder && { ladder: expandLadder(ladder) }) } }),
    access: {
      adminPassword: access?.adminPassword ?? accessDefaults.adminPassword,
      streamKeys: access?.streamKeys ?? accessDefaults.streamKeys,
    },
  });
}

/** The shortest stage that means the same: presets by their names, no access where it is what leaving it out gives. Pure. */
export function contractStage({ video, access, ...rest }: Stage): Stage {
  const { ladder, ...otherVideo } = video ?? {};
  const kept = Object.entries(access ?? {}).filter(
    ([key, value]) => !isDeepStrictEqual(value, accessDefaults[key as keyof typeof accessDefaults]),
  );
  const isList = Array.isArray(ladder);
  return {
    ...rest,
    ...(video && { video: { ...otherVideo, ...(ladder && { ladder: isList ? contractLadder(ladder) : ladder }) } }),
    ...(kept.length > 0 && { access: Object.fromEntries(kept) }),
  };
}
