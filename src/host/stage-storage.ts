import { oneLine } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import { segmentSeconds } from "../media/camera-needs.ts";
import type { Target } from "../owncast/apply/session.ts";
import { lookAtStorage, type StorageState } from "../storage/newest-segment.ts";
import { objectStorageOf } from "../storage/object-storage.ts";
import type { Broadcast, LiveState } from "./running-stream.ts";

/** What viewers find in the object storage of a live stage; undefined while nobody is live, and without object storage. */
export async function readStageStorage(
  { seed, reveal, signal }: Target,
  { live: { state, since }, broadcast }: { readonly live: LiveState; readonly broadcast: Broadcast },
): Promise<StorageState | undefined> {
  const storage = state === "live" && since !== null ? objectStorageOf(seed, reveal) : undefined;
  if (!storage || since === null) return undefined;
  return lookAtStorage(storage, {
    ...{ connectedAt: Date.parse(since), now: Date.now(), signal },
    segmentSeconds: broadcast ? broadcast.latencyLevel.level + 1 : segmentSeconds(seed.video?.latency),
  });
}

/** The state of a stage's object storage for people. */
export function storageLines(name: string, { newestAgeSeconds, finding }: StorageState, paint: Paint): string[] {
  if (!finding)
    return [
      newestAgeSeconds === undefined
        ? "object storage: the first segments are on their way"
        : `object storage: the newest segment ended ${Math.round(newestAgeSeconds)} s ago`,
    ];
  const { setting, says, remedy } = finding;
  return [
    `${paint("✗", "✗")} object storage: viewers get no new video. ${oneLine(`${setting}: ${says}`)}`,
    `  → ${oneLine(remedy)}; \`lectern storage check ${name}\` checks all of it`,
  ];
}
