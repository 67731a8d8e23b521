import { setTimeout as sleep } from "node:timers/promises";
import { readPublicStatus } from "../../lib/public-status.ts";
import { Refusal } from "./refusal.ts";

const pollMs = 100;
// Owncast reports that no publisher is connected before it has written its offline playlists.
const afterwardsMs = 200;
const justEndedMs = 2000;
const timeoutSeconds = 2;

export interface OwncastWait {
  /** Owncast's web address. */
  readonly url: string;
  /** How long ago its last publisher left. */
  readonly endedMsAgo: number;
  readonly patienceMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Resolves when Owncast is up and can take a publisher. Owncast 0.2.5 cannot handle one that connects before the previous encoder
 * has exited: it hangs up, or crashes. Throws a Refusal if that takes too long.
 */
export async function waitUntilOwncastIsReady({
  url,
  endedMsAgo,
  patienceMs,
  now,
  signal,
}: OwncastWait): Promise<void> {
  const until = now() + patienceMs;
  let state = await stateOf(url, signal);
  if (state === "ready" && endedMsAgo > justEndedMs) return;
  while (state !== "ready") {
    if (now() > until && state === "busy")
      throw new Refusal("owncast-busy", "Owncast has not finished with the previous publisher; try again");
    if (now() > until) throw new Refusal("owncast-unreachable", "Owncast does not answer; try again in a minute");
    await sleep(pollMs, undefined, { signal });
    state = await stateOf(url, signal);
  }
  await sleep(afterwardsMs, undefined, { signal });
}

async function stateOf(url: string, signal: AbortSignal): Promise<"ready" | "busy" | "down"> {
  const status = await readPublicStatus(url, { seconds: timeoutSeconds, signal }).catch(() => undefined);
  signal.throwIfAborted();
  if (!status) return "down";
  return status.lastConnectTime === null ? "ready" : "busy";
}
