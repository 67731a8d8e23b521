import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { recordVideo, repeated } from "../../checks/lib/far/steady-video.ts";
import { type Stand, startStand } from "../../checks/lib/process/stand.ts";
import { startGoldenNginx } from "../../checks/lib/site/golden-nginx.ts";
import { playTo } from "../../checks/lib/stream/recorded-stream.ts";
import { step } from "../../src/lib/progress.mjs";
import { startCaddy } from "../../src/local/caddy.ts";
import type { LocalStage } from "../../src/local/stage.ts";
import { parseRtmpUrl } from "../../src/media/rtmp/rtmp-target.ts";
import type { RehearsalReport } from "../../src/rehearse/rehearsal-report.ts";
import { segmentsIn } from "../calibrate/live-stage.ts";
import { childrenOf, processorsOver } from "../calibrate/processor-time.ts";
import { startCrowd } from "./crowd.ts";

const kbps = 2500;
const recordedSeconds = 20;
const rampSeconds = 30;
const settleSeconds = 10;
const watchSeconds = 60;
const segmentsAtLeast = 4;

export interface RehearseBench {
  readonly viewers: number;
  /** A folder for V8's processor profile of the rehearsal, and its report page. */
  readonly kept: string | undefined;
}

/**
 * Rehearses a stage of 2.5 Mbit/s on this machine, and prints what that takes from the processors. nginx stands in for Caddy: it
 * takes the least, so that the rehearsal has a processor for itself. Rejects when `signal` aborts.
 */
export async function runRehearse({ viewers, kept }: RehearseBench, signal: AbortSignal): Promise<void> {
  // This process and all that it starts run on the first processor, and the rehearsal has the second one for itself.
  execFileSync("taskset", ["-a", "-c", "-p", "0", `${process.pid}`]);
  let nginx: Awaited<ReturnType<typeof startNginx>> = { url: "", caFile: "", pids: [] };
  const stand = await step("Starting a live stage", () =>
    startStand("bench/rehearse/stage.yaml", {
      front: async (stage, keeper) => {
        await startCaddy(stage, keeper);
        nginx = await startNginx(stage, keeper);
      },
    }),
  );
  try {
    const camera = await film(stand, signal);
    const crowd = startCrowd({
      ...{ url: nginx.url, caFile: nginx.caFile, tokenFile: join(stand.secretsDir, "rehearsal-token") },
      ...{ viewers, processor: 1, rampSeconds, seconds: rampSeconds + settleSeconds + watchSeconds, kept, signal },
    });
    await Promise.race([sleep((rampSeconds + settleSeconds) * 1000, undefined, { signal }), crowd.report]);
    const spent = await processorsOver(
      { "the rehearsal": [crowd.pid], nginx: nginx.pids, "the keeper and the camera": [process.pid] },
      watchSeconds - settleSeconds,
      signal,
    );
    const report = await crowd.report;
    await camera.end();
    print(report, spent);
  } finally {
    await stand.stop();
  }
}

/** A camera of that bitrate, without another encoder. Resolves when viewers get its video. */
async function film(stand: Stand, signal: AbortSignal) {
  const tags = await recordVideo(kbps, recordedSeconds);
  const key = stand.reveal(stand.seed.access.streamKeys[0]?.secret ?? "");
  const camera = await playTo(parseRtmpUrl(stand.rtmpUrl), key, repeated(tags, recordedSeconds, 3600));
  const playlist = join(stand.hlsDir, "0/stream.m3u8");
  while (segmentsIn(playlist).length < segmentsAtLeast)
    await Promise.race([sleep(200, undefined, { signal }), stand.anyDied()]);
  return camera;
}

const noRehearsal = 'return 404 "This stage allows no rehearsal: its stage file does not say rehearsal.enable: true.";';

/** NixOS's nginx with one worker. It asks Caddy whether a rehearsal is allowed: the stage's door is written for Caddy. */
async function startNginx({ folder, ports, owncastUrl, parts }: LocalStage, keeper: string) {
  const own = join(folder, "nginx");
  mkdirSync(own);
  const places = {
    ...{ "one.test": "localhost", "127.0.0.1:8080": new URL(owncastUrl).host },
    ...{ "unix:/run/lectern/main-keeper.sock": keeper, "/var/cache/lectern/main": folder },
  };
  const asked = `proxy_ssl_server_name on; proxy_ssl_name localhost; proxy_pass https://localhost:${ports.https};`;
  const texts = { nginx: { [noRehearsal]: asked, "worker_processes auto;": "worker_processes 1;" } };
  const nginx = await startGoldenNginx("one", { folder: own, sites: ["localhost"], places, texts });
  parts.push({ name: "nginx", died: nginx.server.died, stop: nginx.stop });
  return {
    url: `https://localhost:${nginx.ports.https}`,
    caFile: nginx.caFile,
    pids: childrenOf(nginx.server.pid ?? Number.NaN),
  };
}

function print(
  { measured, machine, verdict }: RehearsalReport,
  shares: Readonly<Record<"the rehearsal" | "nginx" | "the keeper and the camera", number>>,
): void {
  const { viewersStarted, mbpsMean = 0, segmentShare, stalls, requests, errors } = measured;
  const [gbps, late] = [mbpsMean / 1000, (segmentShare?.p95 ?? 0) * 100];
  console.log(
    `  ${viewersStarted} viewers got ${gbps.toFixed(2)} Gbit/s with ${requests} requests: ${errors} failed, ${stalls} stalls, segments in ` +
      `${late.toFixed(1)} % of their length (p95); the rehearsal says: ${[verdict, ...machine.spoiltBy].join(", ")}`,
  );
  for (const [name, share] of Object.entries(shares)) console.log(`  ${name}: ${share.toFixed(2)} of a processor`);
  const { "the rehearsal": own } = shares;
  console.log(`rehearse: ${(gbps / own).toFixed(2)} Gbit of segments in a second of its processor time`);
}
