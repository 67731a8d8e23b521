import { z } from "zod";
import type { OwncastClient } from "../owncast/client/client.ts";

/**
 * What the players of Owncast's own page reported last. Owncast sums the reports up every two minutes. Nobody has to log in to send one, so
 * a stranger can send false ones.
 */
export interface PageReports {
  /** When Owncast summed them up, as an ISO time. */
  readonly at: string;
  /** Errors of all players. */
  readonly errors: number;
  /** Seconds behind live; null if no player told. */
  readonly medianLatencySeconds: number | null;
  readonly highestLatencySeconds: number | null;
  /** What the slowest player measured as its connection's rate; null if no player told. */
  readonly slowestKbps: number | null;
  readonly medianKbps: number | null;
  /** The slowest player's seconds for a segment; null if no player told. */
  readonly slowestDownloadSeconds: number | null;
  /** The length of a segment. */
  readonly segmentSeconds: number;
}

const values = z.array(z.looseObject({ time: z.string(), value: z.number() })).nullable();

const videoMetrics = z.looseObject({
  errors: values,
  medianLatency: values,
  highestLatency: values,
  maximumSegmentDownloadDuration: values,
  minPlayerBitrate: values,
  medianPlayerBitrate: values,
  segmentLength: z.number(),
});

/** Reads the newest reports; undefined if Owncast has none yet. Throws CliError as the client does. */
export const readPageReports = async (client: OwncastClient): Promise<PageReports | undefined> =>
  newestReports(await client.read("/api/admin/metrics/video", videoMetrics));

/** The newest of each series. Pure. */
export function newestReports(metrics: z.output<typeof videoMetrics>): PageReports | undefined {
  const { errors, segmentLength } = metrics;
  const last = errors?.at(-1);
  const at = Date.parse(last?.time ?? "");
  if (!last || Number.isNaN(at)) return undefined;
  return {
    at: new Date(at).toISOString(),
    errors: Math.max(0, last.value),
    medianLatencySeconds: told(metrics.medianLatency),
    highestLatencySeconds: told(metrics.highestLatency),
    slowestKbps: told(metrics.minPlayerBitrate),
    medianKbps: told(metrics.medianPlayerBitrate),
    slowestDownloadSeconds: told(metrics.maximumSegmentDownloadDuration),
    segmentSeconds: segmentLength,
  };
}

/** Owncast writes 0 if no player told. */
const told = (series: z.output<typeof values>): number | null => {
  const value = series?.at(-1)?.value ?? 0;
  return value > 0 ? value : null;
};
