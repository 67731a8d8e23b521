import type { Watched } from "../../checks/lib/far/far-viewer.ts";
import { mostLatePercent } from "../../src/rehearse/link.ts";

/** How a stage sends to its viewers. */
export type Sender = "cubic" | "HTTP/3" | "BBR";
export const senders: readonly Sender[] = ["cubic", "HTTP/3", "BBR"];

/** Something measured, and the share of packets that this machine delivered over 5 ms late meanwhile. */
export interface Measured<Value> {
  readonly value: Value;
  readonly latePercent: number;
}

export type BySender<Value> = Readonly<Record<Sender, Measured<Value>>>;

/** The rates over one kind of line, in Mbit/s, measured at the same time. */
export interface RateCell {
  readonly roundTripMs: number;
  readonly lossPercent: number;
  readonly mbps: BySender<number>;
}

/** What viewers of one bitrate had of the video. */
export interface StallCell {
  readonly kbps: number;
  readonly watched: BySender<Watched>;
}

const isLate = ({ latePercent }: Measured<unknown>): boolean => latePercent > mostLatePercent;

const rateText = (one: Measured<number>): string =>
  `${one.value < 10 ? one.value.toFixed(2) : one.value.toFixed(1)}${isLate(one) ? "*" : ""}`;

/** BBR's rate as a multiple of another's. A rate below 0.01 counts as that. */
export const ratioTo = ({ mbps }: RateCell, other: Sender): number =>
  mbps.BBR.value / Math.max(0.01, mbps[other].value);

/** A row for people. */
export function rateLine(cell: RateCell): string {
  const { roundTripMs, lossPercent, mbps } = cell;
  const rates = senders.map((sender) => `${sender} ${rateText(mbps[sender])}`).join(", ");
  const ratios = `BBR ${ratioTo(cell, "cubic").toFixed(1)}x cubic, ${ratioTo(cell, "HTTP/3").toFixed(1)}x HTTP/3`;
  return `${roundTripMs} ms, ${lossPercent} % lost: ${rates} Mbit/s (${ratios})`;
}

/** The rates as a Markdown table: losses from left to right. */
export function rateTable(cells: readonly RateCell[]): string[] {
  const losses = [...new Set(cells.map(({ lossPercent }) => lossPercent))];
  const roundTrips = [...new Set(cells.map(({ roundTripMs }) => roundTripMs))];
  const rowOf = (roundTripMs: number, sender: Sender) =>
    cells
      .filter((cell) => cell.roundTripMs === roundTripMs)
      .map(({ mbps }) => rateText(mbps[sender]))
      .join(" / ");
  return [
    `| round trip | ${senders.join(" | ")} |`,
    `|---|${senders.map(() => "---|").join("")}`,
    ...roundTrips.map((each) => `| ${each} ms | ${senders.map((sender) => rowOf(each, sender)).join(" | ")} |`),
    "",
    `Mbit/s, lost each way: ${losses.join(" / ")} %`,
  ];
}

/** How long each viewer's video stood still. */
export function stallLine({ kbps, watched }: StallCell, watchSeconds: number): string {
  const one = (sender: Sender) => {
    const { value, latePercent } = watched[sender];
    const star = isLate({ value, latePercent }) ? "*" : "";
    if (value.startSeconds === null) return `${sender} did not start${star}`;
    const share = value.medianDownloadSeconds / value.segmentSeconds;
    return `${sender} ${value.stalledSeconds.toFixed(1)} s${star} (a segment takes ${share.toFixed(2)} of its length)`;
  };
  return `${(kbps / 1000).toFixed(1)} Mbit/s, stalled of ${watchSeconds} s: ${senders.map(one).join(", ")}`;
}

/** The benchmark's last line: the article's case, and whether this machine was quick enough. */
export function lastLine(rates: readonly RateCell[], stalls: readonly StallCell[]): string {
  const far = rates
    .filter(({ lossPercent }) => lossPercent > 0)
    .toSorted((one, other) => far250(one) - far250(other))[0];
  const all = [...rates.map(({ mbps }) => mbps), ...stalls.map(({ watched }) => watched)].flatMap((one) =>
    Object.values(one),
  );
  const late = all.filter(isLate).length;
  const ratios = far
    ? `at ${far.roundTripMs} ms and ${far.lossPercent} % BBR carries ${ratioTo(far, "cubic").toFixed(1)}x as much as cubic and ${ratioTo(far, "HTTP/3").toFixed(1)}x as much as HTTP/3`
    : "no line lost packets";
  return `far: ${ratios}${late === 0 ? "" : `; ${late} of ${all.length} figures are marked *: over ${mostLatePercent} % of the packets came late, this machine was busy`}`;
}

/** How far a cell is from the article's line to Japan. */
const far250 = ({ roundTripMs, lossPercent }: RateCell): number =>
  Math.abs(roundTripMs - 250) / 50 + Math.abs(lossPercent - 0.5);
