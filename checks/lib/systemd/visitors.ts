import { type Companion, startCompanion } from "./companion.ts";
import type { Host } from "./golden-node.ts";
import { authorityOf, type StageView } from "./node-stage.ts";

export interface VisitTarget {
  readonly domain: string;
  readonly address: string;
  readonly caFile: string;
  /** The path that is asked for every 20 ms. */
  readonly page: string;
  /** The path of something that is too large to be done meanwhile. */
  readonly download: string;
}

/** What visitors of a site met. */
export interface Visit {
  /** How many were answered, with 200. */
  readonly answers: number;
  /** The longest time from one answer to the next, start and end of the visit included. */
  readonly longestGapMs: number;
  /** What the others met, each once: a status, or an error's code. */
  readonly failures: readonly string[];
  /** Whether the download came whole in the end, was cut, or never began. */
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
