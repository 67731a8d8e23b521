/** One measure over time. Undefined values leave a gap. */
export interface Line {
  readonly name: string;
  /** The style's class, which has its colour: `a` to `c`. */
  readonly style: "a" | "b" | "c";
  readonly values: readonly (number | undefined)[];
}

/** A picture of measures over time. */
export interface Plot {
  readonly title: string;
  /** Behind each value, such as ` Mbit/s`; behind the axis' numbers only if it is as short as ` %`. */
  readonly unit: string;
  readonly atSeconds: readonly number[];
  readonly lines: readonly Line[];
  /** `bars` for counts of events; else lines. */
  readonly kind: "lines" | "bars";
  /** A level that should not be exceeded. */
  readonly limit?: { readonly name: string; readonly value: number } | undefined;
  /** The least top of the axis, so that a flat line stays flat. */
  readonly atLeast: number;
}

const size = { width: 720, height: 230, left: 70, right: 12, top: 14, bottom: 30 } as const;
const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom } as const;
const wantedTicks = 4;
const mostHints = 120;
const shortUnit = 2;

/** Text for an HTML or SVG page, also within an attribute in double quotes. */
export const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** A figure with its legend and its picture, which needs no script: the browser shows values at the pointer. */
export function plotFigure(plot: Plot): string {
  const { title, lines, limit } = plot;
  const keys = [
    ...lines.map(({ name, style }) => `<span class="key ${style}">${escaped(name)}</span>`),
    ...(limit ? [`<span class="key limit">${escaped(limit.name)}</span>`] : []),
  ];
  return `<figure>
<figcaption><h3>${escaped(title)}</h3><p>${keys.join(" ")}</p></figcaption>
${picture(plot)}
</figure>`;
}

function picture(plot: Plot): string {
  const { title, unit, atSeconds, lines, kind, limit, atLeast } = plot;
  const end = Math.max(1, atSeconds.at(-1) ?? 1);
  const highest = Math.max(
    atLeast,
    limit?.value ?? 0,
    ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)),
  );
  const ticks = ticksTo(highest);
  const top = ticks.at(-1)!;
  const x = (seconds: number) => round(size.left + (seconds / end) * inner.width);
  const y = (value: number) => round(size.top + (1 - Math.min(value, top) / top) * inner.height);
  const grid = ticks.map(
    (tick) =>
      `<path class="grid" d="M${size.left} ${y(tick)}h${inner.width}"/><text x="${size.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}${unit.length <= shortUnit ? escaped(unit) : ""}</text>`,
  );
  const times = ticksTo(end)
    .filter((tick) => tick <= end)
    .map(
      (tick) =>
        `<text x="${x(tick)}" y="${size.height - 8}" text-anchor="${x(tick) > size.width - 40 ? "end" : "middle"}">${tick} s</text>`,
    );
  const drawn = lines.map(({ style, values }) =>
    kind === "bars" ? bars(style, atSeconds, values, x, y) : line(style, atSeconds, values, x, y),
  );
  const level = limit ? `<path class="level" d="M${size.left} ${y(limit.value)}h${inner.width}"/>` : "";
  const label = `${title}: ${lines.map(({ name, values }) => `${name} at most ${mostOf(values)}${unit}`).join(", ")}`;
  return `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(label)}">
${[...grid, ...times, ...drawn, level, ...hints(plot, x)].join("\n")}
</svg>`;
}

type Scale = (value: number) => number;

function line(style: string, at: readonly number[], values: Line["values"], x: Scale, y: Scale): string {
  let path = "";
  let isDown = false;
  values.forEach((value, index) => {
    if (value !== undefined) path += `${isDown ? "L" : "M"}${x(at[index]!)} ${y(value)}`;
    isDown = value !== undefined;
  });
  // A value between two gaps is a point.
  return `<path class="line ${style}" d="${path}"/>`;
}

function bars(style: string, at: readonly number[], values: Line["values"], x: Scale, y: Scale): string {
  const path = values.map((value, index) => {
    if (!value) return "";
    const [from, to] = [x(at[index - 1] ?? 0), x(at[index]!)];
    return `M${from} ${y(0)}V${y(value)}H${round(Math.max(from + 1, to - 0.5))}V${y(0)}Z`;
  });
  return `<path class="bar ${style}" d="${path.join("")}"/>`;
}

/** Bands that show their values while the pointer is on them. */
function hints({ atSeconds, lines, unit }: Plot, x: Scale): string[] {
  const every = Math.max(1, Math.ceil(atSeconds.length / mostHints));
  return atSeconds.flatMap((seconds, index) => {
    if (index % every !== 0) return [];
    const values = lines.map(
      ({ name, values: all }) => `${name} ${short(all[index])}${all[index] === undefined ? "" : unit}`,
    );
    const from = x(atSeconds[index - every] ?? 0);
    const width = round(Math.max(1, x(seconds) - from));
    const text = escaped(`${seconds.toFixed(0)} s: ${values.join(", ")}`);
    return [
      `<rect class="hint" x="${from}" y="${size.top}" width="${width}" height="${inner.height}"><title>${text}</title></rect>`,
    ];
  });
}

/** Round numbers from 0 up to the first one that is not below `highest`. */
export function ticksTo(highest: number): number[] {
  const rough = highest / wantedTicks;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((each) => each >= rough)!;
  const count = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

const mostOf = (values: Line["values"]): string => short(Math.max(0, ...values.map((value) => value ?? 0)));
const short = (value: number | undefined): string => (value === undefined ? "–" : `${Number(value.toPrecision(3))}`);
const round = (value: number): number => Math.round(value * 10) / 10;
