import { setTimeout as sleep } from "node:timers/promises";

const mostLooks = 200;
const pollMs = 100;
// It says so before it has written its offline playlists.
const afterwardsMs = 200;

/**
 * Resolves when an Owncast is there and has done with its last publisher, at once where it had for a while; rejects after 20 s.
 * Owncast 0.2.5 does not stand one who comes while the encoder of the one before still writes: it hangs up on him, or ends
 * (`unlinkat data/hls/0: directory not empty`, or a nil pointer in `setStreamAsConnected`).
 */
export async function untilFree(owncastUrl: string): Promise<void> {
  if (await isFree(owncastUrl)) return;
  for (let looks = 0; !(await isFree(owncastUrl)); looks++) {
    if (looks === mostLooks) throw new Error(`${owncastUrl}: Owncast is not there, or has not done with its publisher`);
    await sleep(pollMs);
  }
  await sleep(afterwardsMs);
}

async function isFree(owncastUrl: string): Promise<boolean> {
  const answer = await fetch(`${owncastUrl}/api/status`).catch(() => undefined);
  if (!answer?.ok) return false;
  return ((await answer.json()) as { lastConnectTime: string | null }).lastConnectTime === null;
}
