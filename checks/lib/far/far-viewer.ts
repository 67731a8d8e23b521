import { output } from "../process/output.ts";
import type { PrivateNetwork } from "../process/private-network.ts";
import { named } from "../systemd/from-set-up.ts";

/** What a viewer had of the video (tools/far-viewer). */
export interface Watched {
  /** Null if the video did not start. */
  readonly startSeconds: number | null;
  readonly stalls: number;
  readonly stalledSeconds: number;
  readonly watchedSeconds: number;
  readonly segmentSeconds: number;
  /** Segments that arrived. */
  readonly segments: number;
  /** Times to download a segment, after the start of the video; 0 if none arrived after it. */
  readonly medianDownloadSeconds: number;
  readonly p95DownloadSeconds: number;
  readonly p95PlaylistSeconds: number;
  readonly skipped: number;
  readonly errors: number;
  readonly mbps: number;
}

export type Protocol = "h1" | "h2" | "h3";

/** Where a viewer watches from, and what. */
export interface FarView {
  readonly network: PrivateNetwork;
  readonly protocol: Protocol;
  readonly caFile: string;
  /** The server's address on the viewer's line. */
  readonly address: string;
  readonly url: string;
}

/** Watches as a player does, for `seconds` from the start of the video. Waits at most 30 s for the start. */
export const watchFrom = async (view: FarView, seconds: number): Promise<Watched> =>
  JSON.parse(await run(view, "play", ["-watch", `${seconds}s`])) as Watched;

/** The rate of a long download, in Mbit/s, over `seconds` after the first five. */
export const pullFrom = async (view: FarView, seconds: number): Promise<number> =>
  (JSON.parse(await run(view, "pull", ["-for", `${seconds}s`])) as { mbps: number }).mbps;

async function run(
  { network, protocol, caFile, address, url }: FarView,
  what: "play" | "pull",
  flags: readonly string[],
): Promise<string> {
  const command = [named("FAR_VIEWER"), what, "-protocol", protocol, "-ca", caFile, "-address", address, ...flags, url];
  const { code, stdout, stderr } = await output(network.enter(command));
  if (code !== 0) throw new Error(`the viewer ended with ${code}: ${stderr}`);
  return stdout;
}
