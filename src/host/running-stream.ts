import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { valueAt } from "../../codegen/schema/core/paths.ts";
import { configFields } from "../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { asInStageFile, normalised, readBack } from "../owncast/apply/diff.ts";
import type { OwncastClient } from "../owncast/client/client.ts";

/** A stage's stream at this moment. */
export interface LiveState {
  /** `connecting`: a camera has connected, and viewers see it in a moment. */
  readonly state: "live" | "connecting" | "offline";
  /** When that began, as an ISO time; null if nobody has published since the server started. */
  readonly since: string | null;
  readonly viewers: number;
  /** The most viewers at a time, of this stream or of the last one. */
  readonly mostViewers: number;
}

const publicStatus = z.looseObject({
  online: z.boolean(),
  lastConnectTime: z.string().nullable(),
  lastDisconnectTime: z.string().nullable(),
  streamTitle: z.string(),
});

const adminStatus = z.looseObject({
  currentBroadcast: z
    .looseObject({ latencyLevel: z.looseObject({ level: z.number() }), outputSettings: z.array(z.unknown()) })
    .nullable(),
  viewerCount: z.number(),
  sessionPeakViewerCount: z.number(),
});

/** The settings with which the running stream began; null if nobody publishes. */
export type Broadcast = z.output<typeof adminStatus>["currentBroadcast"];

/** Reads a stage's stream. Throws CliError as the client does. */
export async function readStream(
  client: OwncastClient,
): Promise<{ readonly live: LiveState; readonly title: string; readonly broadcast: Broadcast }> {
  const { online, lastConnectTime, lastDisconnectTime, streamTitle } = await client.read("/api/status", publicStatus);
  const status = await client.read("/api/admin/status", adminStatus);
  const { currentBroadcast, viewerCount, sessionPeakViewerCount } = status;
  // Owncast calls a stream online some seconds after the camera connected, when the first segments exist.
  const state = online ? "live" : lastConnectTime === null ? "offline" : "connecting";
  const since = state === "offline" ? lastDisconnectTime : lastConnectTime;
  return {
    live: { state, since, viewers: viewerCount, mostViewers: sessionPeakViewerCount },
    title: streamTitle,
    broadcast: currentBroadcast,
  };
}

/** A setting whose value on the server differs from the running stream's; both as a stage file says them. */
export interface Waiting {
  readonly path: string;
  readonly running: unknown;
  readonly next: unknown;
}

/** The settings that Owncast tells of a running stream. It tells no others. */
const told: Readonly<Record<string, (broadcast: NonNullable<Broadcast>) => unknown>> = {
  "video.latency": ({ latencyLevel }) => latencyLevel.level,
  "video.ladder": ({ outputSettings }) => outputSettings,
};

const nextStreamFields = configFields.filter(({ meta }) => meta.takesEffect === "next-stream");

/** The changes that the running stream does not have yet. Pure; `config` is what `GET /api/admin/serverconfig` answered. */
export function waitingChanges(broadcast: Broadcast, config: unknown): Waiting[] {
  if (!broadcast) return [];
  return nextStreamFields.flatMap(({ path, meta }) => {
    const ofBroadcast = told[path];
    if (!ofBroadcast) return [];
    const [running, next] = [ofBroadcast(broadcast), readBack(meta, config)];
    if (isDeepStrictEqual(normalised(meta, running), normalised(meta, next))) return [];
    return [{ path, running: asInStageFile(meta, running), next: asInStageFile(meta, next) }];
  });
}

/** The seed's settings for which Owncast does not report whether the running stream has them. */
export const untold = (seed: Seed): string[] =>
  nextStreamFields.map(({ path }) => path).filter((path) => !(path in told) && valueAt(seed, path) !== undefined);
