import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../../src/lib/errors.ts";
import { step } from "../../src/lib/progress.mjs";
import { segmentSeconds } from "../../src/media/camera-needs.ts";
import { loadCalibration } from "../../src/rehearse/calibration.ts";
import { loadOf, usualSplit } from "../../src/rehearse/stage-load.ts";
import { startCrowd } from "./crowd.ts";
import { type LiveStage, segmentsIn, withLiveStage } from "./live-stage.ts";
import { exactSeconds } from "./processor-time.ts";
import { calibrationFile } from "./run.ts";

const joinSeconds = 20;
const measureSeconds = 60;

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
      const shares = usualSplit(video.ladder?.length ?? 1);
      const load = loadOf({ ...video, chat: false, segmentsFrom: "machine" }, calibration);
      note("nobody");
      const before = await shareOf(live, 15);
      const end = new AbortController();
      const crowd = startCrowd(live, { shares, viewers, withinSeconds: joinSeconds, signal: end.signal });
      note("they come");
      await sleep(joinSeconds * 1000 + 10_000, undefined, { signal });
      note("they watch");
      const tallied = { ...crowd.tally };
      const own = process.cpuUsage();
      const during = await shareOf(live, measureSeconds);
      const { user, system } = process.cpuUsage(own);
      const { segmentBytes, segments, playlists, requests, failures } = crowd.tally;
      end.abort();
      await crowd.done;
      const perSecond = (now: number, was: number) => (now - was) / measureSeconds;
      console.log(
        `\n  each second ${perSecond(segments, tallied.segments).toFixed(0)} segments, ${perSecond(playlists, tallied.playlists).toFixed(0)} playlists, ` +
          `${perSecond(requests, tallied.requests).toFixed(0)} other requests; ${failures} of all failed; ` +
          `the viewers took ${((user + system) / 1e6 / measureSeconds).toFixed(2)} processors`,
      );
      const asked = {
        segments: perSecond(segments, tallied.segments),
        gbit: (perSecond(segmentBytes, tallied.segmentBytes) * 8) / 1e9,
        playlists: perSecond(playlists, tallied.playlists),
      };
      const expected = viewers / segmentSeconds(video.latency);
      // On a machine that is too busy the encoder falls behind live, and viewers ask for fewer segments and more playlists.
      const pace = Math.min(1, asked.segments / expected);
      if (pace < 0.95)
        console.log(
          `  the stage ran at ${pace.toFixed(2)} of live: encoder and segments are those of one second of video`,
        );
      const { perSegment, perSegmentGbit, perPlaylist } = calibration.delivery;
      const forViewers =
        load.perViewer * viewers +
        (asked.segments - expected) * perSegment +
        (asked.gbit - (load.segmentKbps * viewers) / 1e6) * perSegmentGbit +
        (asked.playlists - expected) * perPlaylist;
      const encoder = during.encoder / pace;
      return [
        { what: "encoder", unit: "processors", predicted: load.encoder, measured: encoder },
        { what: "servers, nobody watches", unit: "processors", predicted: load.idle, measured: before.servers + 0.033 },
        {
          ...{ what: `${viewers} viewers`, unit: "processors", predicted: forViewers },
          measured: during.servers - before.servers,
        },
        {
          ...{ what: "all", unit: "processors", predicted: load.encoder + load.idle + forViewers },
          measured: encoder + during.servers + 0.033,
        },
        {
          ...{ what: "segments to viewers", unit: "Mbit/s", predicted: (load.segmentKbps * viewers) / 1000 },
          measured: (asked.gbit * 1000) / pace,
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

/** Processors of Owncast's encoder and of the servers, over some seconds. */
async function shareOf({ server, encoderPids }: LiveStage, seconds: number) {
  const now = () => ({ encoder: exactSeconds(encoderPids), servers: exactSeconds(server.pids()) });
  const [before, started] = [now(), performance.now()];
  await sleep(seconds * 1000);
  const [after, elapsed] = [now(), (performance.now() - started) / 1000];
  return {
    encoder: (after.encoder - before.encoder) / elapsed,
    servers: (after.servers - before.servers) / elapsed,
  };
}

const ladderMbit = ({ seed, hlsDir }: LiveStage): number =>
  (seed.video?.ladder ?? []).reduce((sum, _, index) => {
    const segments = segmentsIn(join(hlsDir, `${index}/stream.m3u8`));
    const bytes = segments.reduce((all, { name }) => all + statSync(join(hlsDir, `${index}`, name)).size, 0);
    return sum + (bytes * 8) / 1e6 / segments.reduce((all, { seconds }) => all + seconds, 0);
  }, 0);

const signed = (part: number): string => `${part < 0 ? "-" : "+"}${Math.abs(part * 100).toFixed(1)} %`;
