import { probe } from "../../../src/probe/probe.ts";
import { median } from "../median.mjs";
import type { Viewer } from "./browser-viewer.ts";
import type { LiveStage } from "./live-stage.ts";

/** The age of frames, in seconds since the camera took them. Medians. */
export interface Latency {
  /** The newest frame that a playlist offers, when its segment has been fetched. */
  readonly packagingSeconds: number;
  /** The frame on the viewer's screen. */
  readonly glassToGlassSeconds: number;
}

/** Measures both at once, over some segments. Throws if it cannot read a clock. */
export async function measureLatency({ stand }: LiveStage, viewer: Viewer): Promise<Latency> {
  const sinceMs = Date.now();
  const { renditions, faults } = await probe({ url: stand.page, caFile: stand.caFile, maxLatencySeconds: 600 });
  const packaging = renditions.flatMap(({ latencySeconds = [] }) => latencySeconds);
  await viewer.untilFrame(({ clockMs }) => clockMs !== undefined, { sinceMs });
  const frames = await viewer.frames(sinceMs);
  const shown = frames.flatMap(({ atMs, clockMs }) => (clockMs === undefined ? [] : (atMs - clockMs) / 1000));
  if (packaging.length === 0 || shown.length === 0)
    throw new Error(`no clock was read: ${JSON.stringify(faults)}, ${frames.length} pictures`);
  return { packagingSeconds: median(packaging), glassToGlassSeconds: median(shown) };
}
