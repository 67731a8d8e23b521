import { setTimeout as sleep } from "node:timers/promises";
import type { Costs } from "../../src/rehearse/costs.ts";
import { loadOf } from "../../src/rehearse/stage-load.ts";
import { startCrowd } from "../rehearse/crowd.ts";
import { gate } from "./delivery.ts";
import type { LiveStage } from "./live-stage.ts";
import { processorsOver } from "./processor-time.ts";

const [few, many] = [60, 240] as const;
const joinSeconds = 10;
const settleSeconds = 10;
const measureSeconds = 30;

/** What an audience takes from the servers. */
export interface Audience {
  /** Processors as soon as people watch, besides what each of them takes. */
  readonly perSecond: number;
  /** What each of them takes, relative to the sum of the costs of the requests. */
  readonly factor: number;
}

/**
 * Measures two audiences of one stage. Requests of one kind that come alone, evenly spaced, cost more than those of an audience: for
 * each one, sleeping programs wake up. Rejects if a rehearsal does.
 */
export async function measureAudiences(live: LiveStage, costs: Costs, signal: AbortSignal): Promise<Audience> {
  const { perViewer } = loadOf({ ...live.seed.video, chat: false, segmentsFrom: "machine" }, costs);
  const [small, large] = [await processorsOf(live, few, signal), await processorsOf(live, many, signal)];
  const each = Math.max(0, large - small) / (many - few);
  // The gate's part of the idle costs runs in this process.
  return { factor: each / perViewer, perSecond: Math.max(0, small - few * each - (costs.idlePerSecond - gate)) };
}

async function processorsOf({ server, caFile, tokenFile }: LiveStage, viewers: number, signal: AbortSignal) {
  const crowd = startCrowd({
    ...{ url: server.origin, caFile, tokenFile, viewers, signal },
    ...{ rampSeconds: joinSeconds, seconds: joinSeconds + settleSeconds + measureSeconds + settleSeconds },
  });
  await Promise.race([sleep((joinSeconds + settleSeconds) * 1000, undefined, { signal }), crowd.report]);
  const { servers } = await processorsOver({ servers: server.pids() }, measureSeconds, signal);
  const { machine } = await crowd.report;
  if (machine.spoiltBy.length > 0)
    console.log(`\n  ${viewers} viewers were too many for this machine: ${machine.spoiltBy.join(", ")}`);
  return servers;
}

/** Costs with that audience in them. */
export const withAudience = ({ delivery, ...costs }: Costs, { perSecond, factor }: Audience): Costs => {
  const { perJoin, perChatMessage, ...requests } = delivery;
  const times = Object.entries(requests).map(([name, seconds]) => [name, seconds * factor]);
  return {
    ...{ ...costs, audiencePerSecond: perSecond },
    delivery: { ...(Object.fromEntries(times) as typeof requests), perJoin, perChatMessage },
  };
};
