import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../errors.ts";
import { usualBitrateKbps } from "../media/camera.ts";
import { declaredRenditions, type Picture } from "../media/declared-renditions.ts";
import { probe } from "../media/probe.ts";
import type { ProbeReport } from "../media/probe-report.ts";
import { startPublisher } from "../media/publisher.ts";
import { parseRtmpUrl } from "../media/rtmp-target.ts";
import { readStreamKey } from "../media/stream-key.ts";
import { caFile } from "./caddy.ts";
import type { Part } from "./part.ts";
import type { DemoRun } from "./run.ts";

/** What the camera sends: the size of the seed's largest rendition, or a usual one where the seed names none. */
function cameraPicture({ video }: Seed): Picture {
  const sizes = declaredRenditions(video?.ladder?.filter(({ passthrough }) => !passthrough));
  const { width, height, framerate } = sizes?.at(-1) ?? { width: 1280, height: 720, framerate: 30 };
  return { width, height, framerate, bitrateKbps: usualBitrateKbps({ width, height, fps: framerate }) };
}

/** Publishes a synthetic camera; it is a part like the servers. */
export async function startCamera({ dir, ports }: DemoRun, seed: Seed, parts: Part[]): Promise<void> {
  const { framerate: fps, ...picture } = cameraPicture(seed);
  const publisher = startPublisher({
    target: parseRtmpUrl(`rtmp://127.0.0.1:${ports.rtmp}/live`),
    streamKey: await readStreamKey(join(dir, "secrets", seed.access.streamKeys[0]?.secret ?? "")),
    fps,
    ...picture,
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
    renditions: declaredRenditions(seed.video?.ladder, cameraPicture(seed)),
    deadlineSeconds: 60,
    onProgress,
  });
