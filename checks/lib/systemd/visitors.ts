import { type Companion, startCompanion } from "./companion.ts";
import type { Host } from "./golden-node.ts";
import { authorityOf, type StageView } from "./node-stage.ts";

export interface VisitTarget {
  readonly domain: string;
  readonly address: string;
  readonly caFile: string;
  /** The visitors request this path every 20 ms. */
  readonly page: string;
  /** The path of a file whose download takes longer than the visit. */
  readonly download: string;
}

/** How a site served its visitors. */
export interface Visit {
  /** Number of requests with the response 200. */
  readonly answers: number;
  /** The longest time between two responses; start and end of the visit count as responses. */
  readonly longestGapMs: number;
  /** Every other result, each once: a status, or an error's code. */
  readonly failures: readonly string[];
  /** Whether the download was complete, was cut, or never began. */
  readonly download: "whole" | "cut" | "none";
}

/** Visits a stage's site over TLS, from outside the node. */
export const startVisitors = (
  host: Host,
  { domain }: StageView,
  paths: Pick<VisitTarget, "page" | "download">,
): Companion<Visit> =>
  startCompanion<Visit>(
    "visitors-program.ts",
    { domain, address: host.address, caFile: authorityOf(host), ...paths } satisfies VisitTarget,
    host.fromOutside,
  );
