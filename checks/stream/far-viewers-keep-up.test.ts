import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LineOptions, layLine } from "../../src/rehearse/link.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { ensureConclusive } from "../lib/far/conclusive.ts";
import { type FarStage, startFarStage } from "../lib/far/far-stage.ts";
import { watchFrom } from "../lib/far/far-viewer.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";

const kbps = 3200;
const watchSeconds = 40;
const line = { roundTripMs: 250, lossPercent: 1, mbps: 20 } as const;

// Seen on a quiet machine: BBR 0.41 to 0.44 of a segment's length; cubic mostly does not start.
const mostShare = 0.75;
const leastRatio = 3;

describe.runIf(isExhaustive)("a stage of 3.2 Mbit/s over 250 ms and 1 % loss", () => {
  let stage: FarStage;
  let far: PrivateNetwork;
  beforeAll(async () => {
    stage = await startFarStage("checks/lib/far/far-stage.yaml");
    far = await makePrivateNetwork();
    await stage.film(kbps);
  });
  afterAll(async () => {
    await far?.stop();
    await stage?.stop();
  });

  /** Both viewers watch at the same time, each over a line of its own. */
  const watch = async (congestion: NonNullable<LineOptions["congestion"]>, number: number) => {
    const { nearAddress: address, end } = await layLine({ far }, { ...line, congestion, number });
    const { caFile, playlist: url } = stage;
    const seen = await watchFrom({ network: far, protocol: "h2", caFile, address, url }, watchSeconds).catch(
      async (error) => {
        await end();
        throw error;
      },
    );
    return { seen, report: await end() };
  };

  test("plays without a stall if the host sends with BBR, and not with cubic", async (context) => {
    const [bbr, cubic] = await Promise.all([watch("bbr", 1), watch("cubic", 2)]);
    ensureConclusive(context, bbr.report, cubic.report);
    expect(bbr.seen).toMatchObject({ stalls: 0, errors: 0, skipped: 0 });
    expect(bbr.seen.startSeconds).not.toBeNull();
    expect(bbr.seen.segmentSeconds).toBeCloseTo(2, 0);
    const share = bbr.seen.medianDownloadSeconds / bbr.seen.segmentSeconds;
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(mostShare);
    const hasDownloads = cubic.seen.startSeconds !== null && cubic.seen.medianDownloadSeconds > 0;
    const ratio = hasDownloads ? cubic.seen.medianDownloadSeconds / bbr.seen.medianDownloadSeconds : Infinity;
    expect(ratio).toBeGreaterThanOrEqual(leastRatio);
  });
});
