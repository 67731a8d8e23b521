import { type Companion, startCompanion } from "./companion.ts";
import type { Host } from "./golden-node.ts";
import { authorityOf, type StageView } from "./node-stage.ts";

export interface WatchTarget {
  readonly domain: string;
  readonly address: string;
  readonly caFile: string;
}

/** What a player got that asked for the playlist ten times a second, and for every segment in it. */
export interface Watch {
  /** How many playlists. */
  readonly answers: number;
  /** The numbers, among the discontinuities, of Owncast's streams: one, as long as nothing breaks it. */
  readonly sessions: readonly number[];
  /** Whatever a player would have noticed, each once. */
  readonly faults: readonly string[];
}

/** Watches a stage that is live, over TLS and from outside the node. */
export const startWatch = (host: Host, { domain }: StageView): Companion<Watch> =>
  startCompanion<Watch>(
    "watching-player-program.ts",
    { domain, address: host.address, caFile: authorityOf(host) } satisfies WatchTarget,
    host.fromOutside,
  );
