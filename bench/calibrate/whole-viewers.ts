import { setTimeout as sleep } from "node:timers/promises";
import type { Costs } from "../../src/rehearse/costs.ts";
import { loadOf } from "../../src/rehearse/stage-load.ts";
import { startCrowd } from "../rehearse/crowd.ts";
import { gate } from "./delivery.ts";
import type { LiveStage } from "./live-stage.ts";
import { exactSeconds } from "./processor-time.ts";

const viewers = 150;
const joinSeconds = 10;
const settleSeconds = 10;
const measureSeconds = 30;

/**
 * What viewers take from the servers, relative to the sum of their requests' costs. Requests of one kind that come alone, evenly
 * spaced, cost more than those of an audience: for each one, sleeping programs wake up. Rejects if the rehearsal does.
 */
export async function measureWholeViewers(live: LiveStage, costs: Costs, signal: AbortSignal): Promise<number> {
  const { server, caFile, tokenFile, seed } = live;
  const { perViewer } = loadOf({ ...seed.video, chat: false, segmentsFrom: "machine" }, costs);
  const crowd = startCrowd({
    ...{ url: server.origin, caFile, tokenFile, viewers, signal },
    ...{ rampSeconds: joinSeconds, seconds: joinSeconds + settleSeconds + measureSeconds + settleSeconds },
  });
  await Promise.race([sleep((joinSeconds + settleSeconds) * 1000, undefined, { signal }), crowd.report]);
  const [before, began] = [exactSeconds(server.pids()), performance.now()];
  await sleep(measureSeconds * 1000, undefined, { signal });
  const share = (exactSeconds(server.pids()) - before) / ((performance.now() - began) / 1000);
  await crowd.report;
  // The gate's part of the idle costs runs in this process.
  return (share - (costs.idlePerSecond - gate)) / (viewers * perViewer);
}

/** All costs of a viewer's requests, so many times as high. */
export const scaled = ({ delivery, ...costs }: Costs, factor: number): Costs => {
  const { perJoin, perChatMessage, ...requests } = delivery;
  const times = Object.entries(requests).map(([name, seconds]) => [name, seconds * factor]);
  return { ...costs, delivery: { ...(Object.fromEntries(times) as typeof requests), perJoin, perChatMessage } };
};
