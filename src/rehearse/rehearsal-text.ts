import { lineText } from "./find-causes.ts";
import type { Percentiles } from "./histogram.ts";
import type { DirectionReport } from "./link.ts";
import type { Measured, RehearsalReport } from "./rehearsal-report.ts";

const marks = { passed: "✓", failed: "✗", "not-measured": "–" } as const;

/** The report for a person: a table of the checks, what else was measured, causes, this machine, and the verdict at the end. */
export function rehearsalLines(report: RehearsalReport): string[] {
  const { checks, causes, machine, earlyEnd } = report;
  const judged = report.verdict === "passed" || report.verdict === "failed";
  const rows = checks.map(({ name, measured, limit, outcome }) => [
    judged ? marks[outcome] : "–",
    name,
    measured,
    limit,
  ]);
  return [
    ...table([["", "", "measured", "limit"], ...rows]),
    "",
    ...table([...measuredRows(report.measured), ...lineRows(report), ...machineRows(report)]),
    "",
    ...causes.flatMap(({ message, remedy }) => [`! ${message}`, `  → ${remedy}`]),
    ...machine.spoiltBy.map((why) => `! this machine was the limit: ${why}`),
    ...(machine.spoiltBy.length > 0 ? [`  → ${spoiltRemedy(report)}`] : []),
    ...(earlyEnd ? [`! ${earlyEnd.message}`, ...(earlyEnd.remedy ? [`  → ${earlyEnd.remedy}`] : [])] : []),
    verdictLine(report),
  ];
}

/** One line: the verdict and what it is about. */
export function verdictLine(report: RehearsalReport): string {
  const { verdict, checks, plan, ranSeconds, machine, measured, lines } = report;
  const over = lines ? ` over ${lineText(lines)}` : "";
  const about = `${measured.viewersCame} viewers for ${ranSeconds.toFixed(0)} s${over}`;
  switch (verdict) {
    case "passed":
      return `✓ ${plan.url} holds: ${about}`;
    case "spoilt":
      return `✗ no verdict on ${plan.url}: this machine spoilt the rehearsal (${machine.spoiltBy[0]})`;
    case "unfinished":
      return `✗ no verdict on ${plan.url}: the rehearsal ended after ${ranSeconds.toFixed(0)} of ${plan.durationSeconds} s`;
    case "failed": {
      const failed = checks.filter(({ outcome }) => outcome === "failed").map(({ name }) => name);
      return `✗ ${plan.url} does not hold with ${about}${failed.length > 0 ? `: ${failed.join(", ")}` : ""}`;
    }
  }
}

/** What to do if this machine was the limit. */
export const spoiltRemedy = ({ lines }: RehearsalReport): string =>
  lines
    ? "rehearse with fewer viewers, or while this machine has less to do"
    : "rehearse with fewer viewers, from a larger machine, or from several machines at once";

/** What was measured besides the checks, as label and value. */
export function measuredRows(measured: Measured): string[][] {
  const { viewersCame, viewersStarted, viewersByRendition, mbpsMean, mbpsMax, mbpsNeeded } = measured;
  const watching = Object.entries(viewersByRendition).map(([name, count]) => `${count} on ${name}`);
  const rate = [
    ...(mbpsMean === undefined ? [] : [`${mbpsMean.toFixed(1)} Mbit/s with all viewers`]),
    `${mbpsMax.toFixed(1)} in the best second`,
    ...(mbpsNeeded === undefined ? [] : [`${mbpsNeeded.toFixed(1)} needed`]),
  ];
  const encodings = Object.entries(measured.segmentEncodings).map(([name, count]) => `${name} ${count}`);
  const { chatUsersJoined, chatMessagesSent, chatMessagesBack, renditionChanges, errorKinds } = measured;
  return [
    ["viewers", `${viewersCame} came, ${viewersStarted} saw a frame (${watching.join(", ")})`],
    ["throughput", rate.join(", ")],
    ["time to the first frame", percentiles(measured.startSeconds, seconds)],
    ["segment time of its length", percentiles(measured.segmentShare, share)],
    ["segment's first byte", percentiles(measured.segmentWaitSeconds, seconds)],
    ["playlist", percentiles(measured.playlistSeconds, seconds)],
    ["behind live", percentiles(measured.behindSeconds, seconds)],
    ["connection", percentiles(measured.connectSeconds, seconds)],
    ...(measured.pageSeconds ? [["page", percentiles(measured.pageSeconds, seconds)]] : []),
    [
      "stalls",
      `${measured.stalls} in ${measured.watchedHours.toFixed(2)} viewer-hours, ${measured.skippedSegments} segments skipped`,
    ],
    ["segments", `${measured.segments} (Content-Encoding ${encodings.join(", ") || "none"})`],
    ...(renditionChanges > 0 ? [["rendition changes", `${renditionChanges}`]] : []),
    ["playlists", `${measured.playlists}, ${measured.tornPlaylists} torn`],
    ...(chatUsersJoined > 0
      ? [
          [
            "chat",
            `${chatUsersJoined} joined, ${chatMessagesBack} of ${chatMessagesSent} messages back, ${percentiles(measured.chatSeconds, seconds)}`,
          ],
        ]
      : []),
    ["requests", `${measured.requests}, ${measured.errors} failed`],
    ...errorKinds.map(({ kind, count }) => ["", `${count} × ${kind}`]),
  ];
}

/** The lines to viewers far away and what they did, as label and value; nothing without `--link`. */
export function lineRows({ lines }: RehearsalReport): string[][] {
  if (!lines) return [];
  const { congestionControl = "an unknown congestion control", did } = lines;
  return [
    ["lines", `${lineText(lines)}; this host sends with ${congestionControl}`],
    ["to the viewers", directionText(did.down)],
    ["to the stage", directionText(did.up)],
  ];
}

const directionText = ({ packets, lossPercent, dropped, longestWaitMs, latePercent }: DirectionReport): string =>
  [
    `${packets} packets, ${lossPercent.toFixed(1)} % lost`,
    `${dropped} dropped by a full queue (at most ${longestWaitMs.toFixed(0)} ms long)`,
    `${latePercent.toFixed(1)} % over 5 ms late`,
  ].join(", ");

/** What this machine did, as label and value. */
export function machineRows({ machine }: RehearsalReport): string[][] {
  return [
    [
      "processor of this machine",
      `${share(machine.cpuShareMean)} of one on average, ${share(machine.cpuShareMax)} at most`,
    ],
    ["event loop late", `at most ${machine.loopDelayMsMax.toFixed(0)} ms (p99 of a second)`],
    [
      "network card",
      machine.networkShareMax === undefined
        ? "its speed is not known"
        : `at most ${share(machine.networkShareMax)} full`,
    ],
  ];
}

const seconds = (value: number): string =>
  value < 0.1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(value < 10 ? 2 : 1)} s`;
const share = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;

const percentiles = (values: Percentiles | undefined, text: (value: number) => string): string =>
  values === undefined ? "not measured" : `p50 ${text(values.p50)}, p95 ${text(values.p95)}, p99 ${text(values.p99)}`;

/** Columns padded to their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, column) => Math.max(all[column] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
