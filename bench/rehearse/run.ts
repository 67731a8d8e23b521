import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { recordVideo, repeated } from "../../checks/lib/far/steady-video.ts";
import { type Stand, startStand } from "../../checks/lib/process/stand.ts";
import { playTo } from "../../checks/lib/stream/recorded-stream.ts";
import { step } from "../../src/lib/progress.mjs";
import { startCaddy } from "../../src/local/caddy.ts";
import { startPart, untilAnswers } from "../../src/local/part.ts";
import type { LocalStage } from "../../src/local/stage.ts";
import { parseRtmpUrl } from "../../src/media/rtmp/rtmp-target.ts";
import type { RehearsalReport } from "../../src/rehearse/rehearsal-report.ts";
import { segmentsIn } from "../calibrate/live-stage.ts";
import { childrenOf, exactSeconds } from "../calibrate/processor-time.ts";
import { startCrowd } from "./crowd.ts";

const nginxPort = 8446;
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
  let nginx: { readonly url: string; readonly pids: readonly number[] } = { url: "", pids: [] };
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
      ...{ url: nginx.url, caFile: stand.caFile, tokenFile: join(stand.secretsDir, "rehearsal-token") },
      ...{ viewers, processor: 1, rampSeconds, seconds: rampSeconds + settleSeconds + watchSeconds, kept, signal },
    });
    await Promise.race([sleep((rampSeconds + settleSeconds) * 1000, undefined, { signal }), crowd.report]);
    const spent = await sharesOf(
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

/** nginx with one worker and Caddy's certificate: segments from disk, all else from the keeper and Owncast. */
async function startNginx(stage: LocalStage, keeper: string) {
  const { folder, hlsDir, ports, owncastUrl, parts, caddyDir, caFile } = stage;
  const url = `https://localhost:${nginxPort}`;
  const certificate = join(caddyDir, "certificates/local/localhost/localhost");
  const own = join(folder, "nginx");
  mkdirSync(own);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const upstream = (name: string, address: string) => `upstream ${name} { server ${address}; keepalive 64; }`;
  writeFileSync(
    join(own, "configuration"),
    `daemon off;
user root;
worker_processes 1;
pid ${own}/pid;
error_log stderr error;
events { worker_connections 8192; }
http {
	${temporary.map((name) => `${name}_temp_path ${own}/${name};`).join("\n\t")}
	types { video/mp2t ts; }
	access_log off;
	keepalive_requests 1000000;
	http2_chunk_size 16k;
	output_buffers 2 128k;
	${upstream("keeper", keeper)}
	${upstream("owncast", new URL(owncastUrl).host)}
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	proxy_set_header X-Forwarded-For $remote_addr;
	server {
		listen 127.0.0.1:${nginxPort} ssl http2;
		ssl_protocols TLSv1.3;
		ssl_certificate ${certificate}.crt;
		ssl_certificate_key ${certificate}.key;
		location / { proxy_pass http://owncast; }
		location /hls/ { proxy_pass http://keeper; }
		location ~ [.]ts$ { root ${join(hlsDir, "..")}; }
		location = /.well-known/lectern-rehearsal {
			proxy_pass https://localhost:${ports.https};
			proxy_ssl_server_name on;
			proxy_ssl_name localhost;
		}
	}
}
`,
  );
  const nginx = startPart([process.env.NGINX ?? "nginx", "-e", "stderr", "-c", join(own, "configuration")], {
    ...{ name: "nginx", logFile: join(own, "log") },
  });
  parts.push(nginx);
  await Promise.race([untilAnswers(`${url}/api/status`, caFile), nginx.died]);
  return { url, pids: childrenOf(nginx.pid ?? Number.NaN) };
}

type Shares = Readonly<Record<string, number>>;

async function sharesOf(pids: Readonly<Record<string, readonly number[]>>, seconds: number, signal: AbortSignal) {
  const now = () => Object.entries(pids).map(([name, some]) => [name, exactSeconds(some)] as const);
  const [before, began] = [now(), performance.now()];
  await sleep(seconds * 1000, undefined, { signal });
  const elapsed = (performance.now() - began) / 1000;
  const earlier = new Map(before);
  return Object.fromEntries(now().map(([name, after]) => [name, (after - (earlier.get(name) ?? 0)) / elapsed]));
}

function print({ measured, machine, verdict }: RehearsalReport, shares: Shares): void {
  const { viewersStarted, mbpsMean = 0, segmentShare, stalls, requests, errors } = measured;
  const [gbps, late] = [mbpsMean / 1000, (segmentShare?.p95 ?? 0) * 100];
  console.log(
    `  ${viewersStarted} viewers got ${gbps.toFixed(2)} Gbit/s with ${requests} requests: ${errors} failed, ${stalls} stalls, segments in ` +
      `${late.toFixed(1)} % of their length (p95); the rehearsal says: ${[verdict, ...machine.spoiltBy].join(", ")}`,
  );
  for (const [name, share] of Object.entries(shares)) console.log(`  ${name}: ${share.toFixed(2)} of a processor`);
  const { "the rehearsal": own = Number.NaN } = shares;
  console.log(`rehearse: ${(gbps / own).toFixed(2)} Gbit of segments in a second of its processor time`);
}
