import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../errors.ts";
import { usualBitrateKbps } from "../media/camera.ts";
import { probe } from "../media/probe.ts";
import type { ProbeReport } from "../media/probe-report.ts";
import { startPublisher } from "../media/publisher.ts";
import { parseRtmpUrl } from "../media/rtmp-target.ts";
import { readStreamKey } from "../media/stream-key.ts";
import { caFile } from "./caddy.ts";
import type { Part } from "./part.ts";
import type { DemoRun } from "./run.ts";

/** What the camera sends when the seed does not say what is wanted of it. */
const usualPicture = { width: 1280, height: 720, framerate: 30 };

/** Publishes a synthetic camera of the size of the seed's largest rendition; it is a part like the servers. */
export async function startCamera({ dir, ports }: DemoRun, seed: Seed, parts: Part[]): Promise<void> {
  const { width, height, framerate: fps } = seed.video?.ladder?.at(-1) ?? usualPicture;
  const publisher = startPublisher({
    target: parseRtmpUrl(`rtmp://127.0.0.1:${ports.rtmp}/live`),
    streamKey: await readStreamKey(join(dir, "secrets", seed.access.streamKeys[0]?.secret ?? "")),
    width,
    height,
    fps,
    bitrateKbps: usualBitrateKbps({ width, height, fps }),
  });
  const died = publisher.finished.then(
    (): Promise<never> => new Promise(() => {}),
    (error: Error) => {
      throw new CliError(ExitCode.failed, `the camera ended by itself: ${error.message}`);
    },
  );
  died.catch(() => {});
  parts.push({ name: "the camera", died, stop: () => publisher.stop() });
  await publisher.started;
}

/** Looks at every declared rendition through Caddy, as a viewer would. */
export const waitUntilProven = (
  { ports, caddyDir }: DemoRun,
  seed: Seed,
  onProgress: (text: string) => void = () => {},
): Promise<ProbeReport> =>
  probe({
    url: `https://localhost:${ports.https}`,
    caFile: caFile(caddyDir),
    renditions: seed.video?.ladder,
    deadlineSeconds: 60,
    onProgress,
  });
