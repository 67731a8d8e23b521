import type { StorageFinding } from "./explain-failure.ts";
import { explainRefusal, fault, settingOf, statusText } from "./explain-failure.ts";
import { listing, type ObjectStorage, viewersAddress } from "./object-storage.ts";
import { askAnonymously, askWithKeys, isAnswer, isDone, type StorageOutcome } from "./storage-request.ts";

/** What viewers find in the storage of a live stage. */
export interface StorageState {
  /** How long ago the newest segment that viewers can see ended, in seconds; undefined if they see none. */
  readonly newestAgeSeconds: number | undefined;
  /** Why viewers get no new video; undefined if they get it, or if it is too early to say. */
  readonly finding: StorageFinding | undefined;
}

export interface LookAtStorage {
  /** When the camera connected, in ms since the epoch. */
  readonly connectedAt: number;
  /** Now, in ms since the epoch. */
  readonly now: number;
  /** The length of the stage's segments. */
  readonly segmentSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

// A look costs two short requests. If the storage hangs, a host's status must not.
const requestSeconds = 3;
// Owncast is online 7 to 15 s after the camera connects, by the latency level, and the first segments are uploaded then.
const usualSeconds = 10;

/**
 * Looks into the storage of a live stage as a viewer does: one request for a rendition's playlist. Owncast stays online and
 * shows nothing if it cannot upload, so only the newest segment tells. If it is too old, one more request, with the keys, tells
 * why. Rejects only with the reason of the signal.
 */
export async function lookAtStorage(storage: ObjectStorage, look: LookAtStorage): Promise<StorageState> {
  const { connectedAt, now, segmentSeconds, signal } = look;
  const limits = { seconds: requestSeconds, signal };
  const outcome = await askAnonymously(viewersAddress(storage, `${storage.folder}/0/stream.m3u8`), {}, limits);
  const newest = isDone(outcome) ? newestEnd(outcome.body.toString("utf8")) : undefined;
  // A playlist of an earlier stream is none of this one.
  const newestAgeSeconds =
    newest === undefined || newest < connectedAt ? undefined : Math.max(0, (now - newest) / 1000);
  const patienceSeconds = usualSeconds + 3 * segmentSeconds;
  const isEarly = now - connectedAt < patienceSeconds * 1000;
  if (isEarly || (newestAgeSeconds ?? Number.POSITIVE_INFINITY) <= patienceSeconds)
    return { newestAgeSeconds, finding: undefined };
  return { newestAgeSeconds, finding: await explain(storage, outcome, limits) };
}

async function explain(
  storage: ObjectStorage,
  outcome: StorageOutcome,
  limits: { readonly seconds: number; readonly signal: AbortSignal | undefined },
): Promise<StorageFinding> {
  const listed = await askWithKeys(storage, listing(storage), limits);
  if (!isDone(listed)) return explainRefusal(storage, "Owncast's upload", listed);
  const setting = storage.hasServingEndpoint ? "storage.servingEndpoint" : settingOf("bucket");
  if (!isDone(outcome)) {
    const got = isAnswer(outcome) ? `get ${statusText(outcome)}` : `get nothing: ${outcome.reason}`;
    return fault(
      setting,
      `viewers ${got} from ${storage.viewers}`,
      "if the setting was changed during this stream, let the camera reconnect",
    );
  }
  return fault(
    settingOf("enabled"),
    "the keys work, and still no new segment arrives",
    "if a setting or a key was changed during this stream, let the camera reconnect; else the upload is too slow",
  );
}

/** When the last segment of a playlist ends, in ms since the epoch; undefined if it does not say. */
export function newestEnd(playlist: string): number | undefined {
  const last = playlist.slice(Math.max(0, playlist.lastIndexOf("#EXT-X-PROGRAM-DATE-TIME:")));
  const [, date = ""] = /^#EXT-X-PROGRAM-DATE-TIME:([^\s]{1,60})/.exec(last) ?? [];
  const begin = Date.parse(date);
  if (Number.isNaN(begin)) return undefined;
  const before = playlist.slice(0, playlist.length - last.length);
  const [seconds] = [...before.matchAll(/^#EXTINF:(\d{1,4}(?:\.\d{1,9})?)/gm)]
    .slice(-1)
    .map(([, text]) => Number(text));
  return begin + (seconds ?? 0) * 1000;
}
