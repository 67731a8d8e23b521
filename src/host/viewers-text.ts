import { oneLine } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import type { PageReports } from "./page-reports.ts";
import type { SlowViewer, ViewerLines } from "./viewer-lines.ts";
import type { HostViewers } from "./viewers.ts";

const shownViewers = 10;

/** A host's viewers for people, line by line. */
export function viewersText({ http3, lines, stages, faults }: HostViewers, paint: Paint = (_, text) => text): string {
  const text = [
    ...connectionLines(lines, paint),
    ...(lines.smallestKbps === null ? [whyUnjudged(stages)] : []),
    ...blindSpots(
      lines,
      http3,
      stages.reduce((sum, { counted }) => sum + counted, 0),
      paint,
    ),
    ...distanceLines(lines),
    ...stages.map(({ name, pages }) => `pages of ${name}: ${pages ? pagesText(pages) : "no reports yet"}`),
    ...faults.map(({ stage, message }) => `${paint("✗", "✗")} ${stage}: ${oneLine(message)}`),
  ];
  return `${paint("area", "viewers")}  port 443, seen for ${Math.round(lines.seconds)} s\n${text.map((line) => `  ${line}\n`).join("")}`;
}

function connectionLines(lines: ViewerLines, paint: Paint): string[] {
  const { connections, addresses, withVideo, smallestKbps, bestKbps, cannotKeepUp, belowBest, gone, congestion } =
    lines;
  const controls = Object.entries(congestion).map(([name, many]) => `${many} by ${oneLine(name)}`);
  const shown = cannotKeepUp.slice(0, shownViewers);
  const more = cannotKeepUp.length - shown.length;
  return [
    `${many(connections, "TCP connection")} from ${many(addresses, "address", "es")}, ${withVideo} with video${controls.length > 0 ? ` (sent ${controls.join(", ")})` : ""}`,
    ...(smallestKbps !== null && withVideo > 0 && cannotKeepUp.length === 0
      ? [`${paint("✓", "✓")} everybody keeps up with the smallest rendition (${smallestKbps} kbit/s)`]
      : []),
    ...(cannotKeepUp.length === 0
      ? []
      : [
          `${paint("✗", "✗")} ${cannotKeepUp.length} cannot keep up: always busy, and slower than the smallest rendition (${smallestKbps} kbit/s)`,
          ...shown.map((viewer) => `    ${viewerText(viewer)}`),
          ...(more > 0 ? [`    … and ${more} more (--json has all)`] : []),
          ...remedies(cannotKeepUp).map((remedy) => `  → ${remedy}`),
        ]),
    ...(belowBest > 0
      ? [
          `${paint("!", "!")} ${belowBest} more cannot carry the best rendition (${bestKbps} kbit/s): their players show a smaller one`,
        ]
      : []),
    ...(gone > 0 ? [`${many(gone, "connection")} of devices that no longer respond`] : []),
  ];
}

const whyUnjudged = (stages: HostViewers["stages"]): string =>
  stages.some(({ isLive }) => isLive)
    ? "nobody is judged: the bitrate of what is on air is not known (a passthrough rendition, and the gate does not respond)"
    : "nobody is judged: no stage is live";

const viewerText = ({ network, roundTripMs, sentAgainPercent, congestion, kbps, limitedBy }: SlowViewer): string =>
  [
    network,
    roundTripMs === undefined ? "round trip not known" : `round trip ${Math.round(roundTripMs)} ms`,
    `${sentAgainPercent} % sent again`,
    congestion ?? "congestion control not known",
    `${kbps} kbit/s`,
    ...(limitedBy === "receiver" ? ["the viewer's own device is the limit"] : []),
  ].join(", ");

/** What helps, in the order of docs/viewers.md. */
function remedies(slow: readonly SlowViewer[]): string[] {
  const onLine = slow.filter(({ limitedBy }) => limitedBy === "line");
  const others = [...new Set(onLine.flatMap(({ congestion }) => congestion ?? []))].filter((name) => name !== "bbr");
  if (onLine.length === 0) return ["their own devices read too slowly: the server cannot change that"];
  return others.length > 0
    ? [
        `this host sends with ${others.join(", ")}; set net.ipv4.tcp_congestion_control to bbr (docs/viewers.md, far away)`,
      ]
    : ["a server nearer to them, or a rendition of at most 700 kbit/s (docs/viewers.md, far away)"];
}

/** Which viewers the connections do not show. */
function blindSpots({ addresses, fromThisHost }: ViewerLines, http3: boolean, counted: number, paint: Paint): string[] {
  // A lecture hall shares an address too, so few addresses alone prove no proxy.
  const isShared = counted > 2 * addresses + 3;
  return [
    http3
      ? `${paint("!", "HTTP/3 is on")}: viewers who use it are not in this list, and BBR does not help them`
      : "HTTP/3 is off",
    ...(fromThisHost > 0
      ? [
          `${many(fromThisHost, "connection")} from this host itself: a probe, or a proxy or tunnel that hides its viewers' lines`,
        ]
      : []),
    ...(isShared
      ? [
          `Owncast counts ${counted} viewers: many share an address, or are behind a proxy or an edge${http3 ? ", or use HTTP/3" : ""}. Behind a proxy, only its own line shows`,
        ]
      : []),
  ];
}

function distanceLines({ distances }: ViewerLines): string[] {
  if (distances.length < 2) return [];
  return distances.map(({ fromMs, belowMs, withVideo, cannotKeepUp, sentAgainPercent }) => {
    const range = belowMs === null ? `${fromMs} ms and more` : `${fromMs} to ${belowMs} ms`;
    return `round trip ${range}: ${withVideo} with video, ${cannotKeepUp} cannot keep up, ${sentAgainPercent} % sent again`;
  });
}

/** What pages told. Strangers can send such reports: numbers without sense stay short. */
function pagesText(pages: PageReports): string {
  const { at, errors, medianLatencySeconds, highestLatencySeconds, slowestKbps, slowestDownloadSeconds } = pages;
  return [
    `at ${at.slice(11, 16)} UTC ${amount(errors)} ${errors === 1 ? "error" : "errors"}`,
    ...(medianLatencySeconds === null ? [] : [`${amount(medianLatencySeconds)} s behind live`]),
    ...(highestLatencySeconds === null ? [] : [`at most ${amount(highestLatencySeconds)} s`]),
    ...(slowestKbps === null ? [] : [`slowest connection ${amount(slowestKbps)} kbit/s`]),
    ...(slowestDownloadSeconds === null
      ? []
      : [
          `slowest download of a segment (${amount(pages.segmentSeconds)} s of video) ${amount(slowestDownloadSeconds)} s`,
        ]),
  ].join(", ");
}

const mostShown = 1_000_000;
const amount = (value: number): string =>
  value > mostShown ? `over ${mostShown}` : `${value < 100 ? Math.round(value * 10) / 10 : Math.round(value)}`;

const many = (count: number, noun: string, plural = "s"): string => `${count} ${noun}${count === 1 ? "" : plural}`;
