import { type Companion, startCompanion } from "./companion.ts";
import type { Host } from "./golden-node.ts";
import { authorityOf, type StageView } from "./node-stage.ts";

export interface WatchTarget {
  readonly domain: string;
  readonly address: string;
  readonly caFile: string;
}

/** What a player got. It requested the playlist ten times a second, and every segment in it. */
export interface Watch {
  /** Number of playlists. */
  readonly answers: number;
  /** The discontinuity numbers of Owncast's streams: one number, as long as the stream does not break. */
  readonly sessions: readonly number[];
  /** The faults that a player would have noticed, each once. */
  readonly faults: readonly string[];
}

/** Watches a live stage over TLS, from outside the node. */
export const startWatch = (host: Host, { domain }: StageView): Companion<Watch> =>
  startCompanion<Watch>(
    "watching-player-program.ts",
    { domain, address: host.address, caFile: authorityOf(host) } satisfies WatchTarget,
    host.fromOutside,
  );
