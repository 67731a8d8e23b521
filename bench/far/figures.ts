import type { SeenInBrowser } from "../../checks/lib/far/far-browser.ts";
import type { Watched } from "../../checks/lib/far/far-viewer.ts";
import { mostLatePercent } from "../../src/rehearse/link.ts";
import { type BrowserPlan, nameOf, type RatesPlan, type Sender, type StallsPlan, senders } from "./plan.ts";
import { isLate, type Measured } from "./repeat.ts";

export type BySender<Value> = Readonly<Record<Sender, Measured<Value>>>;

/** The rates over one kind of line, in Mbit/s, measured at the same time. */
export interface RateCell extends RatesPlan {
  readonly mbps: BySender<number>;
}

/** What viewers of one bitrate had of the video, at the same time. */
export interface StallCell extends StallsPlan {
  readonly watched: BySender<Watched>;
}

/** What a viewer in Chromium saw. */
export interface BrowserCell extends BrowserPlan {
  readonly seen: Measured<SeenInBrowser>;
}

export interface Figures {
  readonly rates: readonly RateCell[];
  readonly stalls: readonly StallCell[];
  readonly browsers: readonly BrowserCell[];
}

const star = (one: Measured<unknown>): string => (isLate(one) ? "*" : "");

const rateText = (one: Measured<number>): string =>
  `${one.value < 10 ? one.value.toFixed(2) : one.value.toFixed(1)}${star(one)}`;

/** BBR's rate as a multiple of another's. A rate below 0.01 counts as that. */
export const ratioTo = ({ mbps }: RateCell, other: Sender): number =>
  mbps.BBR.value / Math.max(0.01, mbps[other].value);

/** A row for people. */
export function rateLine(cell: RateCell): string {
  const rates = senders.map((sender) => `${sender} ${rateText(cell.mbps[sender])}`).join(", ");
  const ratios = `BBR ${ratioTo(cell, "cubic").toFixed(1)}x cubic, ${ratioTo(cell, "HTTP/3").toFixed(1)}x HTTP/3`;
  return `${nameOf(cell)}: ${rates} Mbit/s (${ratios})`;
}

/** The rates as a Markdown table: losses from left to right. */
export function rateTable(cells: readonly RateCell[]): string[] {
  const rows = [...new Set(cells.map(({ roundTripMs }) => roundTripMs))].map((roundTripMs) => {
    const line = cells.filter((cell) => cell.roundTripMs === roundTripMs);
    const ofSender = (sender: Sender) => line.map(({ mbps }) => rateText(mbps[sender])).join(" / ");
    return `| ${roundTripMs} ms, ${line.map(({ lossPercent }) => lossPercent).join(" / ")} % | ${senders.map(ofSender).join(" | ")} |`;
  });
  return cells.length === 0 ? [] : [...head("Mbit/s on a line of"), ...rows];
}

const stallText = (one: Measured<Watched>): string =>
  `${one.value.startSeconds === null ? "–" : one.value.stalledSeconds.toFixed(1)}${star(one)}`;

/** How long each viewer's video stood still. */
export function stallLine(cell: StallCell, watchSeconds: number): string {
  const one = (sender: Sender) => {
    const measured = cell.watched[sender];
    const { startSeconds, medianDownloadSeconds, segmentSeconds } = measured.value;
    if (startSeconds === null) return `${sender} did not start${star(measured)}`;
    const share = (medianDownloadSeconds / segmentSeconds).toFixed(2);
    return `${sender} ${stallText(measured)} s (a segment takes ${share} of its length)`;
  };
  return `${nameOf(cell)}, stalled of ${watchSeconds} s: ${senders.map(one).join(", ")}`;
}

/** The stalled seconds as a Markdown table: lengths of segments from left to right. */
export function stallTable(cells: readonly StallCell[]): string[] {
  const rows = [...new Set(cells.map(({ kbps }) => kbps))].map((kbps) => {
    const rendition = cells.filter((cell) => cell.kbps === kbps);
    const ofSender = (sender: Sender) => rendition.map(({ watched }) => stallText(watched[sender])).join(" / ");
    const lengths = rendition.map(({ segmentSeconds }) => segmentSeconds).join(" / ");
    return `| ${(kbps / 1000).toFixed(1)} Mbit/s, ${lengths} s | ${senders.map(ofSender).join(" | ")} |`;
  });
  return cells.length === 0 ? [] : [...head("seconds stalled"), ...rows];
}

const head = (first: string): string[] => [
  `| ${first} | ${senders.join(" | ")} |`,
  `|---|${"---|".repeat(senders.length)}`,
];

const browserFigures = ({ seen }: BrowserCell, watchSeconds: number): readonly (readonly [string, string])[] => {
  const { pageSeconds, startSeconds, stalls, stalledSeconds, heights, behindSeconds, segmentSeconds, believedMbps } =
    seen.value;
  const seconds = (value: number | null) => (value === null ? "–" : `${value.toFixed(1)} s`);
  const hasStarted = startSeconds !== null;
  return [
    ["page", `${seconds(pageSeconds)}${star(seen)}`],
    ["first frame", `${seconds(startSeconds)}${star(seen)}`],
    [`stalled of ${watchSeconds} s`, hasStarted ? `${seconds(stalledSeconds)} in ${stalls}${star(seen)}` : "–"],
    ["height", heights.map(({ height, share }) => `${height} (${Math.round(share * 100)} %)`).join(", ") || "–"],
    ["behind live", hasStarted ? seconds(behindSeconds) : "–"],
    ["a segment takes", hasStarted ? seconds(segmentSeconds) : "–"],
    ["Chromium's guess", hasStarted ? `${believedMbps} Mbit/s` : "–"],
  ];
};

/** What one browser showed. */
export const browserLine = (cell: BrowserCell, watchSeconds: number): string =>
  `${nameOf(cell)}: ${browserFigures(cell, watchSeconds)
    .map(([what, value]) => `${what} ${value}`)
    .join(", ")}`;

/** What browsers showed, as a Markdown table. */
export function browserTable(cells: readonly BrowserCell[], watchSeconds: number): string[] {
  const [first] = cells;
  if (!first) return [];
  const names = browserFigures(first, watchSeconds).map(([what]) => what);
  const rows = cells.map((cell) => {
    const values = browserFigures(cell, watchSeconds).map(([, value]) => value);
    return `| ${cell.roundTripMs} ms, ${cell.lossPercent} %, ${cell.sender} | ${values.join(" | ")} |`;
  });
  return [`| Chromium | ${names.join(" | ")} |`, `|---|${"---|".repeat(names.length)}`, ...rows];
}

/** The benchmark's last line: the article's case, and whether this machine was quick enough. */
export function lastLine({ rates, stalls, browsers }: Figures): string {
  const far = rates
    .filter(({ lossPercent }) => lossPercent > 0)
    .toSorted((one, other) => far250(one) - far250(other))[0];
  const all: readonly Measured<unknown>[] = [
    ...rates.flatMap(({ mbps }) => senders.map((sender) => mbps[sender])),
    ...stalls.flatMap(({ watched }) => senders.map((sender) => watched[sender])),
    ...browsers.map(({ seen }) => seen),
  ];
  const repeated = all.filter(({ tries }) => tries > 1).length;
  const late = all.filter(isLate).length;
  return [
    far
      ? `far: at ${far.roundTripMs} ms and ${far.lossPercent} % BBR carries ${ratioTo(far, "cubic").toFixed(1)}x as much as cubic and ${ratioTo(far, "HTTP/3").toFixed(1)}x as much as HTTP/3`
      : "far: no rate over a line that loses packets",
    ...(repeated > 0 ? [`${repeated} of ${all.length} figures were measured again`] : []),
    late === 0
      ? `none of ${all.length} figures was spoilt by this machine`
      : `${late} of ${all.length} figures are marked *: over ${mostLatePercent} % of the packets came late, this machine was busy`,
  ].join("; ");
}

/** How far a cell is from the article's line to Japan. */
const far250 = ({ roundTripMs, lossPercent }: RateCell): number =>
  Math.abs(roundTripMs - 250) / 50 + Math.abs(lossPercent - 0.5);
