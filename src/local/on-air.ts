import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HangUp } from "../host/camera-health.ts";
import { type WatchedStage, watcherOf } from "../host/stage-watch.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { cameraPicture, streamNeeds } from "../media/camera-needs.ts";
import { declaredRenditions } from "../media/declared-renditions.ts";
import { parseRtmpUrl } from "../media/rtmp/rtmp-target.ts";
import { probe } from "../probe/probe.ts";
import { namedHosts } from "../probe/probe-page.ts";
import type { ProbeReport } from "../probe/probe-report.ts";
import { type PublisherOptions, startPublisher } from "../publish/publisher.ts";
import { lastLines } from "./part.ts";
import { type LocalStage, targetOf } from "./stage.ts";

const watchSeconds = 5;

/** The stage in the form that the watch reads. */
export const watchedAs = (stage: LocalStage): WatchedStage => ({
  ...{ name: stage.seed.instance?.name ?? "the stage", address: stage.page },
  target: { ...targetOf(stage), deadlineSeconds: watchSeconds },
  ...{ gateStatusSocket: stage.gateSocket, hlsDir: stage.hlsDir },
});

/** Publishes a synthetic camera, as the part `the camera` of the stage. `onSpoken` gets each sentence of its speech. */
export async function startCamera(
  stage: LocalStage,
  { speech, onSpoken }: Pick<PublisherOptions, "speech" | "onSpoken"> = {},
): Promise<void> {
  const { folder, seed, parts, reveal, rtmpUrl } = stage;
  const { framerate: fps, ...picture } = cameraPicture(seed.video?.ladder);
  const publisher = startPublisher({
    target: parseRtmpUrl(rtmpUrl),
    streamKey: reveal(seed.access.streamKeys[0]?.secret ?? ""),
    fps,
    ...picture,
    ...{ speech, onSpoken },
  });
  const died = publisher.finished.then(
    (): Promise<never> => new Promise(() => {}),
    async (error: Error) => {
      const { says, remedy, owncastSays } = await whyItEnded(error, stage);
      // Show Owncast's own warnings, else the end of its log.
      const own =
        owncastSays.length > 0
          ? owncastSays.map((words) => `  ${words}`).join("\n")
          : lastLines(join(folder, "owncast.log"));
      throw new CliError(ExitCode.failed, `the camera's stream ended: ${says}\nOwncast's last words:\n${own}`, remedy);
    },
  );
  died.catch(() => {});
  parts.push({ name: "the camera", died, stop: () => publisher.stop() });
  // A stream that ends while it starts ends for the same reasons.
  await publisher.started.catch(() => died);
}

const saysWithinMs = 3000;

/** Why a stream ended: from gate and Owncast, which report it some moments later, else from the camera. */
async function whyItEnded(error: Error, stage: LocalStage): Promise<Pick<HangUp, "says" | "remedy" | "owncastSays">> {
  const look = watcherOf(watchedAs(stage));
  for (const until = performance.now() + saysWithinMs; performance.now() < until; await sleep(300)) {
    const { hangUp } = (await look()).camera;
    if (hangUp && (hangUp.owncastSays.length > 0 || hangUp.reason !== "owncast-ended")) return hangUp;
  }
  return { says: error.message, remedy: error instanceof CliError ? error.remedy : undefined, owncastSays: [] };
}

const provenWithinMs = 120_000;
// A slow encoder stays slow. A machine that is busy for a moment gets a retry.
const slowWithinMs = 45_000;
// A machine whose encoder is slower than live falls behind; the demo prints the encoder's speed beside the verdict.
const demoLatencySeconds = 120;

/**
 * Checks every declared rendition through Caddy, like a viewer, until all is well or 120 s are over.
 * In its first seconds a stream may still show Owncast's offline clip: that is no fault of the stage.
 */
export async function waitUntilProven(
  { page, caFile, ports, seed }: LocalStage,
  onProgress: (text: string) => void = () => {},
): Promise<ProbeReport> {
  const renditions = declaredRenditions(seed.video?.ladder, cameraPicture(seed.video?.ladder));
  const startedAt = performance.now();
  const until = startedAt + provenWithinMs;
  for (;;) {
    const deadlineSeconds = Math.max(1, (until - performance.now()) / 1000);
    const report = await probe({
      ...{ url: page, caFile, renditions, deadlineSeconds, onProgress },
      // The chat is the demo's own: the probe's message disturbs no viewers.
      ...{
        needs: streamNeeds(seed.video ?? {}),
        namedHosts: namedHosts(seed),
        chat: true,
        chatEnabled: seed.chat?.enabled,
      },
      ...{ closed: [{ host: "localhost", port: ports.admin }], maxLatencySeconds: demoLatencySeconds },
    });
    if (report.faults.length === 0 || performance.now() > until) return report;
    if (isOnlySlow(report) && performance.now() > startedAt + slowWithinMs) return report;
    onProgress(report.faults[0]?.message ?? "");
    await sleep(500);
  }
}

/** Whether the only fault is that video comes slower than live. */
export const isOnlySlow = ({ faults }: ProbeReport): boolean => faults.every(({ check }) => check === "pace");
