import { setTimeout as sleep } from "node:timers/promises";
import { readPublicStatus } from "../../lib/public-status.ts";
import { Refusal } from "./refusal.ts";

const pollMs = 100;
// It says that it is done before it has written its offline playlists.
const afterwardsMs = 200;
const justEndedMs = 2000;
const answersWithinSeconds = 2;

export interface OwncastWait {
  /** Owncast's web address. */
  readonly url: string;
  /** How long ago its last publisher was let go. */
  readonly endedMsAgo: number;
  readonly patienceMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Resolves when Owncast is up and done with its last publisher. Owncast 0.2.5 cannot handle one that comes while the encoder of the
 * one before still writes: it hangs up, or ends. Throws a Refusal if it takes too long.
 */
export async function untilOwncastIsDone({ url, endedMsAgo, patienceMs, now, signal }: OwncastWait): Promise<void> {
  const until = now() + patienceMs;
  let state = await stateOf(url, signal);
  if (state === "done" && endedMsAgo > justEndedMs) return;
  while (state !== "done") {
    if (now() > until && state === "busy")
      throw new Refusal("owncast-busy", "Owncast is not done with the publisher before; try again");
    if (now() > until) throw new Refusal("owncast-unreachable", "Owncast does not answer; try again in a minute");
    await sleep(pollMs, undefined, { signal });
    state = await stateOf(url, signal);
  }
  await sleep(afterwardsMs, undefined, { signal });
}

async function stateOf(url: string, signal: AbortSignal): Promise<"done" | "busy" | "away"> {
  const status = await readPublicStatus(url, { seconds: answersWithinSeconds, signal }).catch(() => undefined);
  signal.throwIfAborted();
  if (!status) return "away";
  return status.lastConnectTime === null ? "done" : "busy";
}
