import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../../src/lib/errors.ts";
import { step } from "../../src/lib/progress.mjs";
import { loadCalibration } from "../../src/rehearse/calibration.ts";
import { loadOf } from "../../src/rehearse/stage-load.ts";
import { startCrowd } from "../rehearse/crowd.ts";
import { gate } from "./delivery.ts";
import { type LiveStage, segmentsIn, withLiveStage } from "./live-stage.ts";
import { processorsOver } from "./processor-time.ts";
import { calibrationFile } from "./run.ts";

const joinSeconds = 20;
const settleSeconds = 10;
const measureSeconds = 60;
// It starts, and asks once before the first viewer comes.
const spareSeconds = 10;
const leastPace = 0.95;

/** One figure, predicted and measured. */
interface Row {
  readonly what: string;
  readonly predicted: number;
  readonly measured: number;
  readonly unit: string;
}

/**
 * Predicts from the calibration what another ladder and many viewers take, then puts that load on a stage and measures it.
 * Rejects when `signal` aborts.
 */
export async function runCapacity(folder: string, viewers: number, signal: AbortSignal): Promise<void> {
  const calibration = await loadCalibration(calibrationFile).catch((error: Error) => {
    throw new CliError(ExitCode.failed, error.message, "npm run bench -- calibrate");
  });
  const rows: readonly Row[] = await step(`Measuring ${viewers} viewers on another ladder`, (note) =>
    withLiveStage("bench/calibrate/predicted.yaml", { folder, signal }, async (live): Promise<Row[]> => {
      const { video = {} } = live.seed;
      const load = loadOf({ ...video, chat: false, segmentsFrom: "machine" }, calibration);
      note("nobody");
      const pids = { encoder: live.encoderPids, servers: live.server.pids() };
      const before = await processorsOver(pids, 15, signal);
      const crowd = startCrowd({
        ...{ url: live.server.origin, caFile: live.caFile, tokenFile: live.tokenFile, viewers, signal },
        ...{ rampSeconds: joinSeconds, seconds: joinSeconds + settleSeconds + measureSeconds + spareSeconds },
      });
      note("they come");
      await Promise.race([sleep((joinSeconds + settleSeconds) * 1000, undefined, { signal }), crowd.report]);
      note("they watch");
      const during = await processorsOver(pids, measureSeconds, signal);
      const { measured, machine, verdict } = await crowd.report;
      const { mbpsMean = 0, watchedHours, requests, errors, stalls, segments, playlists } = measured;
      const perViewer = (count: number) => (count / watchedHours / 3600).toFixed(2);
      console.log(
        `\n  each viewer asked for ${perViewer(segments)} segments, ${perViewer(playlists)} playlists and ` +
          `${perViewer(requests - segments - playlists)} others a second; ${errors} of ${requests} requests failed, ${stalls} stalls; the rehearsal ` +
          `took ${machine.cpuShareMean.toFixed(2)} of a processor, and says: ${verdict}`,
      );
      const pace = mbpsMean / ((load.segmentKbps * viewers) / 1000);
      if (pace < leastPace || machine.spoiltBy.length > 0)
        console.log(
          `  the machine was too busy: viewers got ${pace.toFixed(2)} of their segments; nothing below counts`,
        );
      const forViewers = calibration.audiencePerSecond + load.perViewer * viewers;
      return [
        { what: "encoder", unit: "processors", predicted: load.encoder, measured: during.encoder },
        {
          what: "servers, nobody watches",
          unit: "processors",
          predicted: calibration.idlePerSecond,
          measured: before.servers + gate,
        },
        {
          ...{ what: `${viewers} viewers`, unit: "processors", predicted: forViewers },
          measured: during.servers - before.servers,
        },
        {
          ...{ what: "all", unit: "processors", predicted: load.encoder + calibration.idlePerSecond + forViewers },
          measured: during.encoder + during.servers + gate,
        },
        {
          ...{ what: "segments to viewers", unit: "Mbit/s", predicted: (load.segmentKbps * viewers) / 1000 },
          measured: mbpsMean,
        },
        {
          ...{ what: "segments of all renditions", unit: "Mbit/s", predicted: load.ladderKbps / 1000 },
          measured: ladderMbit(live),
        },
      ];
    }),
  );
  for (const { what, predicted, measured, unit } of rows)
    console.log(
      `  ${what.padEnd(28)} ${predicted.toFixed(3).padStart(9)} predicted ${measured.toFixed(3).padStart(9)} measured  ${unit.padEnd(11)} ${signed(predicted / measured - 1)}`,
    );
  const worst = Math.max(...rows.map(({ predicted, measured }) => Math.abs(predicted / measured - 1)));
  console.log(`capacity: ${viewers} viewers predicted within ${(worst * 100).toFixed(0)} % (bar: 15 %)`);
}

const ladderMbit = ({ seed, hlsDir }: LiveStage): number =>
  (seed.video?.ladder ?? []).reduce((sum, _, index) => {
    const segments = segmentsIn(join(hlsDir, `${index}/stream.m3u8`));
    const bytes = segments.reduce((all, { name }) => all + statSync(join(hlsDir, `${index}`, name)).size, 0);
    return sum + (bytes * 8) / 1e6 / segments.reduce((all, { seconds }) => all + seconds, 0);
  }, 0);

const signed = (part: number): string => `${part < 0 ? "-" : "+"}${Math.abs(part * 100).toFixed(1)} %`;
