import { escaped, type Plot, plotFigure } from "./plot.ts";
import type { LimitCheck, RehearsalReport } from "./rehearsal-report.ts";
import { lineRows, machineRows, measuredRows, spoiltRemedy, verdictLine } from "./rehearsal-text.ts";

const styles = `
:root { color-scheme: light dark; --ink: #1d2127; --quiet: #5b6470; --paper: #fff; --rule: #d9dde3; --panel: #f5f6f8;
  --a: #1f6fd6; --b: #c2410c; --c: #6b7280; --good: #15803d; --bad: #b91c1c; --none: #92600a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --quiet: #a0a8b3; --paper: #14171b; --rule: #343a42; --panel: #1c2025;
    --a: #6aa8ff; --b: #fb923c; --c: #9ca3af; --good: #4ade80; --bad: #f87171; --none: #fbbf24; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; } p { margin: .25rem 0; } .quiet { color: var(--quiet); }
.verdict { margin: 1rem 0; padding: .75rem 1rem; border-left: .35rem solid var(--none); background: var(--panel); font-weight: 600; }
.verdict.passed { border-color: var(--good); } .verdict.failed { border-color: var(--bad); }
.scroll { overflow-x: auto; } .scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--a); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); font-weight: 400; }
thead th { color: var(--quiet); font-size: .875rem; } .number { text-align: right; white-space: nowrap; }
.passed .mark { color: var(--good); } .failed .mark, .failed .value { color: var(--bad); font-weight: 600; }
.plots { display: grid; gap: 1.75rem; } figure { margin: 0; break-inside: avoid; }
figcaption { display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; align-items: baseline; }
.key { display: inline-flex; align-items: center; gap: .4rem; margin-right: 1rem; color: var(--quiet); font-size: .875rem; }
.key::before { content: ""; width: 1.1rem; height: .2rem; background: currentColor; }
.key.a::before { background: var(--a); } .key.b::before { background: var(--b); } .key.c::before { background: var(--c); }
.key.limit::before { height: 0; background: none; border-top: 2px dashed var(--bad); }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
.grid { stroke: var(--rule); fill: none; } .level { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 4; fill: none; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line.a { stroke: var(--a); } .line.b { stroke: var(--b); } .line.c { stroke: var(--c); }
.bar.a { fill: var(--a); } .bar.b { fill: var(--b); } .bar.c { fill: var(--c); }
.hint { fill: transparent; } .hint:hover { fill: var(--quiet); fill-opacity: .15; }
summary { cursor: pointer; margin: 2rem 0 .5rem; color: var(--quiet); }
@media (max-width: 40rem) { svg text { font-size: 20px; } .checks td:last-child, .checks th:last-child { padding-right: 0; } }
@media print { :root { color-scheme: light; --ink: #000; --quiet: #444; --paper: #fff; --rule: #bbb; --panel: #fff; --a: #1f4fa0; --b: #b3390a;
    --c: #666; --good: #14602f; --bad: #a11; --none: #7a5200; }
  body { max-width: none; padding: 0; font-size: 10pt; } details { display: none; } tr, .verdict { break-inside: avoid; } h2 { break-after: avoid; }
  .verdict, .key::before { print-color-adjust: exact; } }
`;

/**
 * The report as one HTML page that loads nothing: it works offline, without scripts, in dark and light, on paper and on phones.
 * `madeAt` is the time for its head. All values are escaped.
 */
export function reportPage(report: RehearsalReport, madeAt: Date): string {
  const { plan, verdict, checks, causes, machine, earlyEnd } = report;
  const remarks = [
    ...causes.map(({ message, remedy }) => [message, remedy]),
    ...machine.spoiltBy.map((why) => [`This machine was the limit: ${why}`, spoiltRemedy(report)]),
    ...(earlyEnd ? [[earlyEnd.message, earlyEnd.remedy ?? ""]] : []),
  ];
  const title = plan.stageName ? `Rehearsal of ${plan.stageName}` : "Rehearsal";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${title}: ${verdict}`)}</title>
<style>${styles}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(plan.url)} · ${escaped(madeAt.toISOString().replace(/\.\d+Z$/, "Z"))}</p>
<p class="verdict ${verdict}">${escaped(verdictLine(report))}</p>
</header>
<main>
${remarks.length > 0 ? `<h2>What was seen</h2>\n<ul>${remarks.map(remark).join("")}</ul>` : ""}
<h2>Checks</h2>
${checksTable(checks, verdict)}
<h2>Over time</h2>
<div class="plots">
${plotsOf(report).map(plotFigure).join("\n")}
</div>
<h2>What the viewers measured</h2>
${rowsTable(measuredRows(report.measured))}
<h2>How they came</h2>
${rowsTable(planRows(report))}
${report.lines ? `<h2>The lines to the viewers</h2>\n${rowsTable(lineRows(report))}` : ""}
<h2>The machine that made the load</h2>
${rowsTable(machineRows(report))}
${valuesTable(report)}
</main>
</body>
</html>
`;
}

const remark = ([message = "", remedy = ""]: readonly string[]): string =>
  `<li>${escaped(message)}${remedy === "" ? "" : `<br><span class="quiet">→ ${escaped(remedy)}</span>`}</li>`;

const marks = { passed: "✓", failed: "✗", "not-measured": "–" } as const;

function checksTable(checks: readonly LimitCheck[], verdict: RehearsalReport["verdict"]): string {
  const isJudged = verdict === "passed" || verdict === "failed";
  const rows = checks.map(({ name, measured, limit, outcome }) => {
    const shown = isJudged ? outcome : "not-measured";
    return `<tr class="${shown}"><td class="mark">${marks[shown]}</td><th scope="row">${escaped(name)}</th><td class="value number">${escaped(measured)}</td><td class="number">${escaped(limit)}</td></tr>`;
  });
  return scrolling(
    "Checks",
    `<table class="checks"><thead><tr><th></th><th scope="col">measure</th><th scope="col" class="number">measured</th><th scope="col" class="number">limit</th></tr></thead><tbody>${rows.join("")}</tbody></table>`,
  );
}

const rowsTable = (rows: readonly (readonly string[])[]): string =>
  `<table><tbody>${rows.map(([label = "", value = ""]) => `<tr><th scope="row" class="quiet">${escaped(label)}</th><td>${escaped(value)}</td></tr>`).join("")}</tbody></table>`;

/** A table that may be wider than a phone; it can be scrolled with the keyboard too. */
const scrolling = (name: string, table: string): string =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(name)}">${table}</div>`;

function planRows({ plan }: RehearsalReport): string[][] {
  const shares = (all: readonly { name: string; share: number }[]) =>
    all.map(({ name, share }) => `${name} ${Math.round(share * 100)} %`).join(", ");
  return [
    ["viewers", `${plan.viewers}, within ${plan.rampSeconds.toFixed(0)} s`],
    ["duration", `${plan.durationSeconds} s`],
    ["renditions", plan.split ? shares(plan.split) : "each viewer's own choice, by its throughput"],
    ["browsers", shares(plan.encodings)],
    ["loaded the page first", `${Math.round(plan.pageShare * 100)} %`],
    ...(plan.chatUsers > 0 ? [["chat", `${plan.chatUsers} users`]] : []),
  ];
}

function plotsOf({ series, limits, measured }: RehearsalReport): Plot[] {
  const atSeconds = series.map((point) => point.atSeconds);
  const percent = (value: number | undefined) => (value === undefined ? undefined : value * 100);
  const needed = measured.mbpsNeeded;
  return [
    {
      ...{ title: "Viewers", unit: "", atSeconds, kind: "lines", atLeast: 1 },
      lines: [
        { name: "watching", style: "a", values: series.map(({ viewers }) => viewers) },
        { name: "standing still", style: "b", values: series.map(({ stalled }) => stalled) },
      ],
    },
    {
      ...{ title: "Throughput in Mbit/s", unit: " Mbit/s", atSeconds, kind: "lines", atLeast: 1 },
      lines: [{ name: "received", style: "a", values: series.map(({ mbps }) => mbps) }],
      limit: needed === undefined ? undefined : { name: "needed by all viewers", value: Number(needed.toPrecision(3)) },
    },
    {
      ...{ title: "Segment time, of its length", unit: " %", atSeconds, kind: "lines", atLeast: 10 },
      lines: [
        { name: "p95", style: "b", values: series.map(({ segmentShareP95 }) => percent(segmentShareP95)) },
        { name: "p50", style: "a", values: series.map(({ segmentShareP50 }) => percent(segmentShareP50)) },
      ],
      limit: { name: "limit", value: limits.segmentShare * 100 },
    },
    {
      ...{ title: "Stalls and failed requests", unit: "", atSeconds, kind: "bars", atLeast: 4 },
      lines: [
        { name: "failed requests", style: "c", values: series.map(({ errors }) => errors) },
        { name: "stalls that ended", style: "b", values: series.map(({ stalls }) => stalls) },
      ],
    },
    {
      ...{ title: "The machine that made the load", unit: " %", atSeconds, kind: "lines", atLeast: 100 },
      lines: [{ name: "of one processor", style: "c", values: series.map(({ cpuShare }) => cpuShare * 100) }],
    },
  ];
}

function valuesTable({ series }: RehearsalReport): string {
  const heads = [
    "s",
    "viewers",
    "standing still",
    "Mbit/s",
    "segment p50 %",
    "segment p95 %",
    "stalls",
    "errors",
    "processor %",
    "late ms",
  ];
  const number = (value: number | undefined, digits = 0) => (value === undefined ? "–" : value.toFixed(digits));
  const rows = series.map((point) => [
    ...[number(point.atSeconds), number(point.viewers), number(point.stalled), number(point.mbps, 1)],
    ...[point.segmentShareP50, point.segmentShareP95].map((value) =>
      number(value === undefined ? undefined : value * 100, 1),
    ),
    ...[number(point.stalls), number(point.errors), number(point.cpuShare * 100), number(point.loopDelayMs)],
  ]);
  const cells = (tag: "th" | "td", row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag} class="number">${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<details><summary>All values</summary>${scrolling(
    "All values",
    `<table><thead>${cells("th", heads)}</thead><tbody>${rows.map((row) => cells("td", row)).join("")}</tbody></table>`,
  )}</details>`;
}
