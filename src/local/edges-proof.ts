import { setTimeout as sleep } from "node:timers/promises";
import type { SteeringState } from "../host/steer-client.ts";
import { CliError } from "../lib/errors.ts";
import type { EdgeFigures } from "./edge-figures.ts";
import type { DemoEdge, RunningEdges } from "./edges.ts";
import type { Watched } from "./steered-viewer.ts";

/** An edge as its viewers, the steering service and the origin see it. */
export interface EdgeResult extends EdgeFigures {
  readonly name: string;
  readonly url: string;
  readonly state: "up" | "drained" | "down";
  /** Viewers that said lately that they use it. */
  readonly viewers: number;
  /** The median of the speeds that they measured. */
  readonly kbps: number | null;
}

/** What edges and viewers did up to a moment. `--json` prints it unchanged. */
export interface EdgesReport {
  readonly edges: readonly EdgeResult[];
  readonly viewers: { readonly count: number; readonly started: number; readonly stalledSeconds: number };
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];
  readonly steering: SteeringState;
}

/** More requests to the origin for each segment than this are a fault. A few repeats are none: nginx repeats a request that was cut off. */
const mostFetches = 1.2;
// Enough that a second request for each would show.
const leastSegments = 6;
const withinMs = 90_000;
const pollMs = 500;

/** Reads the present state. */
export async function readEdges(edges: RunningEdges): Promise<EdgesReport> {
  const steering = await edges.steering();
  const figures = await Promise.all(edges.list.map((edge) => edges.figures(edge)));
  return edgesReport(edges.list, figures, { steering, watched: edges.watched() });
}

/** Judges what is known. Pure. */
export function edgesReport(
  list: readonly DemoEdge[],
  figures: readonly EdgeFigures[],
  { steering, watched }: { readonly steering: SteeringState; readonly watched: readonly Watched[] },
): EdgesReport {
  const edges = list.map(({ name, url }, place): EdgeResult => {
    const known = steering.edges.find((edge) => edge.name === name);
    const own = figures[place] ?? { served: 0, different: 0, fetched: 0, servedBytes: 0 };
    return {
      name,
      url,
      state: known?.state ?? "down",
      viewers: known?.viewers ?? 0,
      kbps: known?.kbps ?? null,
      ...own,
    };
  });
  const started = watched.filter(({ hasStarted }) => hasStarted).length;
  const stalledSeconds = watched.reduce((sum, one) => sum + one.stalledSeconds, 0);
  return {
    edges,
    viewers: { count: watched.length, started, stalledSeconds: Math.round(stalledSeconds * 10) / 10 },
    faults: [
      ...edges.flatMap(faultsOf),
      ...(started < watched.length ? [`${watched.length - started} of ${watched.length} viewers got no video`] : []),
    ],
    steering,
  };
}

function faultsOf({ name, state, viewers, different, fetched }: EdgeResult): string[] {
  if (state !== "up") return [`the edge ${name} is ${state}`];
  if (different < leastSegments) return [`the edge ${name} served ${different} segments, fewer than ${leastSegments}`];
  return [
    ...(viewers === 0 ? [`no viewer says that it uses the edge ${name}`] : []),
    ...(fetched > different * mostFetches
      ? [`the origin served ${fetched} segments to the edge ${name}, which needed ${different}`]
      : []),
  ];
}

/** Waits until every edge serves viewers; resolves to the last state, with its faults, when 90 s are over. */
export async function proveEdges(edges: RunningEdges, note: (text: string) => void): Promise<EdgesReport> {
  for (const until = performance.now() + withinMs; ; await sleep(pollMs)) {
    const isLast = performance.now() > until;
    // One late response of the steering service is no verdict.
    const report = await readEdges(edges).catch((error: unknown) => {
      if (isLast || !(error instanceof CliError)) throw error;
      note(error.message);
    });
    if (!report) continue;
    if (report.faults.length === 0 || isLast) return report;
    note(report.faults[0] ?? "");
  }
}
