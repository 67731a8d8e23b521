import { median } from "../measure.mjs";
import { browsers, type Cell, encodings, keyOf, kinds, protocols } from "./cells.ts";
import type { Asking } from "./load.ts";
import type { Server } from "./servers.ts";

/** The cost of one load. */
export interface Measure {
  readonly requests: number;
  /** Size of one uncompressed segment or playlist. */
  readonly plainBytes: number;
  /** Processor time of all processes that worked for the responses. */
  readonly processorSeconds: number;
}

/** Measures by `keyOf`. The first round has all cells, the later rounds those with a bar. */
export type Round = ReadonlyMap<string, Measure>;

const bitsPerGigabit = 1e9;

/** A server's yield for a second of processor time: Gbit of uncompressed segments, or playlists. */
export function yieldOf(kind: Cell["kind"], { requests, plainBytes, processorSeconds }: Measure): number {
  const useful = kind === "segment" ? (requests * plainBytes * 8) / bitsPerGigabit : requests;
  return useful / processorSeconds;
}

/** The median yield of a cell over the rounds that measured it; undefined if none did. */
export function medianYield(cell: Cell, rounds: readonly Round[]): number | undefined {
  const measured = rounds.filter((round) => round.has(keyOf(cell)));
  return measured.length === 0 ? undefined : median(measured.map((round) => yieldIn(round, cell)));
}

/** One server's yield as a multiple of another one's: the median of the rounds' ratios. */
export const medianRatio = (cell: Cell, than: Server["name"], rounds: readonly Round[]): number =>
  median(rounds.map((round) => yieldIn(round, cell) / yieldIn(round, { ...cell, server: than })));

function yieldIn(round: Round, cell: Cell): number {
  const measure = round.get(keyOf(cell));
  if (!measure) throw new Error(`${keyOf(cell)} was not measured`);
  return yieldOf(cell.kind, measure);
}

const clients: readonly Asking[] = protocols.flatMap((protocol) =>
  encodings.map((encoding) => ({ protocol, encoding })),
);

/** The worst ratio among the browsers. */
const worseRatio = (
  { kind, server }: Pick<Cell, "kind" | "server">,
  than: Server["name"],
  rounds: readonly Round[],
): number => Math.min(...browsers.map((browser) => medianRatio({ kind, server, ...browser }, than, rounds)));

/** Each bar and the reached value. */
export interface Bar {
  readonly name: string;
  readonly what: string;
  readonly ratio: number;
  readonly bar: number;
  readonly digits: number;
}

export function barsOf(rounds: readonly Round[]): readonly Bar[] {
  const browser = (encoding: Asking["encoding"]) =>
    medianRatio({ kind: "segment", protocol: "HTTP/2", encoding, server: "lectern" }, "article", rounds);
  const files = worseRatio({ kind: "segment", server: "lectern" }, "fileServer", rounds);
  const playlists = worseRatio({ kind: "playlist", server: "lectern" }, "article", rounds);
  const nginxFiles = worseRatio({ kind: "segment", server: "lecternNginx" }, "nginx", rounds);
  const nginxPlaylists = worseRatio({ kind: "playlist", server: "lecternNginx" }, "lectern", rounds);
  return [
    {
      name: "zstd-h2",
      what: "segments for Chrome and Firefox, of the article's",
      ratio: browser("zstd"),
      bar: 4,
      digits: 1,
    },
    { name: "gzip-h2", what: "segments for Safari, of the article's", ratio: browser("gzip"), bar: 20, digits: 0 },
    {
      name: "file_server",
      what: "segments, of plain file_server, the worse browser",
      ratio: files,
      bar: 0.9,
      digits: 2,
    },
    {
      name: "playlists",
      what: "playlists, of the article's, the worse browser",
      ratio: playlists,
      bar: 1.5,
      digits: 1,
    },
    {
      name: "nginx-segments",
      what: "segments by nginx, of nginx with only files, the worse browser",
      ratio: nginxFiles,
      bar: 0.9,
      digits: 2,
    },
    {
      name: "nginx-playlists",
      what: "playlists by nginx, of Lectern's Caddyfile, the worse browser",
      ratio: nginxPlaylists,
      bar: 2,
      digits: 1,
    },
  ];
}

const inDigits = ({ ratio, digits }: Bar): string => `${ratio.toFixed(digits)}x`;

/** The last line, for other programs. */
export const lastLine = (bars: readonly Bar[]): string =>
  `delivery: ${bars.map((bar) => `${bar.name} ${inDigits(bar)}`).join(" ")}`;

/** Every median, as Markdown: a table for each kind, then the bars. */
export function report(servers: readonly Pick<Server, "name" | "title">[], rounds: readonly Round[]): string {
  const heads = clients.map(({ protocol, encoding }) => `${protocol} ${encoding}`);
  const tables = kinds.flatMap((kind) => [
    ...header([
      kind === "segment" ? "Gbit of segments per processor-second" : "playlists per processor-second",
      ...heads,
    ]),
    ...servers.map(({ name, title }) =>
      row([title, ...clients.map((client) => figure({ kind, server: name, ...client }, rounds))]),
    ),
    "",
  ]);
  const bars = barsOf(rounds);
  const reached = bars.map((bar) => row([bar.what, `${bar.ratio.toFixed(2)}x`, `${bar.bar}x`]));
  return [...tables, ...header(["Lectern's", "result", "bar"]), ...reached].join("\n");
}

/** Three digits, or a dash if there is no measurement. */
function figure(cell: Cell, rounds: readonly Round[]): string {
  const value = medianYield(cell, rounds);
  return value === undefined ? "–" : `${Number(value.toPrecision(3))}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const header = (cells: readonly string[]): string[] => [row(cells), row(cells.map(() => "---"))];
