import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Front } from "../../checks/lib/site/golden-site.ts";
import { step } from "../../src/lib/progress.mjs";
import type { Part } from "../../src/local/part.ts";
import { SetupError } from "../../tools/process/errors.mjs";
import { versions } from "../delivery/versions.ts";
import { median } from "../measure.mjs";
import {
  countByTwoEdges,
  type Egress,
  type Measuring,
  measureColdCrowds,
  measureEgress,
  measureIdle,
  measureReports,
  measureReturn,
  measureWarm,
  sum,
} from "./crowds.ts";
import { type Figure, lastLine, medianRatio, table } from "./figures.ts";
import { kbps, startEdgeStand } from "./stand.ts";
import { measureTorn } from "./torn.ts";
import { measureYields, type Yields } from "./yields.ts";

const crowd = 200;
const eachEdge = 10;
const reporters = 1000;
const tornPlaylists = 1500;
const endSeconds = 10;

export interface EdgesBench {
  readonly folder: string;
  /** The origin's. */
  readonly front: Front;
  /** How often crowds, kills and pairs of loads are repeated; below 3, all measures are short. */
  readonly rounds: number;
}

type Section = (measuring: Measuring & { readonly parts: Part[] }, bench: EdgesBench) => Promise<readonly Figure[]>;

/** Measures everything in its own namespaces, and prints the figures with their bars. Rejects when `signal` aborts. */
export async function runEdges(bench: EdgesBench, signal: AbortSignal): Promise<void> {
  const { folder, front } = bench;
  const chosen = sectionNames(process.env.LECTERN_BENCH_EDGES);
  const parts: Part[] = [];
  try {
    console.log(
      `  ${versions().join(", ")}; the origin has ${front}; ${kbps} kbit/s, latency level low: segments of 2 s`,
    );
    const stand = await step("Starting a live stage, its origin and two edges", () =>
      startEdgeStand({ folder, front, parts }, signal),
    );
    const measuring = { stand, folder, signal, parts };
    const figures: Figure[] = [];
    for (const name of chosen) {
      const section = sections()[name];
      const found = await Promise.race([section(measuring, bench), ...parts.map(({ died }) => died)]);
      figures.push(...found);
      console.log(`  ${lastLine(found)}`);
    }
    console.log(`\n${table(figures)}\n`);
    console.log(lastLine(figures));
  } finally {
    const stopAll = async () => {
      for (const part of parts.reverse()) await part.stop();
    };
    // This process is the first of its namespace, so what does not end in this time ends with it.
    await Promise.race([stopAll(), sleep(endSeconds * 1000)]);
  }
}

const sections = () => ({ counts, egress, cold: coldCrowds, warm, return: returns, yield: yields, reports, torn });

/** The sections to run, in their order: all, or those that `LECTERN_BENCH_EDGES` names. Throws SetupError for an unknown name. */
function sectionNames(asked: string | undefined): readonly SectionName[] {
  const all = Object.keys(sections()) as SectionName[];
  if (!asked) return all;
  const names = asked.split(/[\s,]+/);
  if (!names.every((name) => all.some((one) => one === name)))
    throw new SetupError("LECTERN_BENCH_EDGES: unknown name", `there are ${all.join(", ")}`, 64);
  return all.filter((name) => names.includes(name));
}
type SectionName = keyof ReturnType<typeof sections>;

const people = (viewers: number): string => (viewers === 1 ? "1 viewer" : `${viewers} viewers`);

const counts: Section = async (measuring) => {
  const value = await step(`${eachEdge} viewers at each edge`, () => countByTwoEdges(measuring, eachEdge));
  const what = `viewers that Owncast counts, of ${eachEdge} at each of two edges`;
  return [{ name: "counted", what, value, unit: "", digits: 0, bar: { exactly: 2 * eachEdge } }];
};

const egress: Section = async (measuring, { rounds }) => {
  const seconds = rounds < 3 ? 8 : 12;
  const cells = new Map<string, Egress>();
  for (const edges of [1, 0] as const)
    for (const viewers of [1, 20, crowd])
      cells.set(
        `${edges} ${viewers}`,
        await step(`${people(viewers)} ${edges === 0 ? "at the origin" : "at an edge"}`, () =>
          measureEgress(measuring, { viewers, edges, seconds }),
        ),
      );
  const two = await step(`${crowd} viewers at two edges`, () =>
    measureEgress(measuring, { viewers: crowd, edges: 2, seconds }),
  );
  const of = (edges: number, viewers: number) => cells.get(`${edges} ${viewers}`) as Egress;
  const mbps = (name: string, what: string, { mbps: value }: Egress): Figure => ({
    ...{ name, what: `origin's egress, ${what}`, value, unit: " Mbit/s", digits: 1 },
  });
  const fetches = [...cells.values(), two].flatMap(({ fetches: most }) => (most === undefined ? [] : [most]));
  const ages = [of(1, 20), of(1, crowd), two].flatMap((cell) => cell.ages);
  return [
    ...[1, 20, crowd].map((viewers) => mbps(`none-${viewers}`, `${people(viewers)}, no edge`, of(0, viewers))),
    ...[1, 20, crowd].map((viewers) => mbps(`edge-${viewers}`, `${people(viewers)}, one edge`, of(1, viewers))),
    mbps(`edges-${crowd}`, `${crowd} viewers, two edges`, two),
    // Without it, an edge that serves nobody would cost the origin little.
    {
      ...{
        name: "got",
        what: `segments that ${crowd} viewers get of an edge, of those that exist`,
        unit: "x",
        digits: 2,
      },
      ...{ value: of(1, crowd).share, bar: { atLeast: 0.8 } },
    },
    {
      ...{ name: "egress", what: `egress at ${crowd} viewers, of that at 1, one edge`, unit: "x", digits: 2 },
      ...{ value: of(1, crowd).mbps / of(1, 1).mbps, bar: { atMost: 1.2 } },
    },
    {
      ...{ name: "fetches", what: "fetches of a segment by one edge, the most", unit: "", digits: 0 },
      ...{ value: Math.max(...fetches), bar: { atMost: 1 } },
    },
    {
      ...{ name: "age", what: `added age of a playlist, the median of ${ages.length} segments`, unit: " s", digits: 2 },
      ...{ value: median(ages), bar: { atMost: 2 } },
    },
    { name: "age-most", what: "the same, the most", value: Math.max(...ages), unit: " s", digits: 2 },
  ];
};

const coldCrowds: Section = async (measuring, { rounds }) => {
  const crowds = 2 * rounds;
  const cold = await step(`${crowd} viewers at once, ${crowds} times`, () =>
    measureColdCrowds(measuring, { viewers: crowd, crowds }),
  );
  console.log(
    `  the origin's log of the first cold crowd of ${crowd}, and of each that cost more than one fetch, with the time since it came:`,
  );
  for (const line of cold.log) console.log(`  ${line}`);
  const what = `fetches of a segment by one edge, the median of ${crowds} cold crowds of ${crowd}`;
  const [number, milliseconds] = [
    { unit: "", digits: 0 },
    { unit: " ms", digits: 0 },
  ] as const;
  return [
    { name: "cold-fetches", what, value: median(cold.fetches), ...number, bar: { atMost: 1 } },
    { name: "cold-most", what: "the same, the most", value: Math.max(...cold.fetches), ...number },
    {
      ...{ name: "cold-p95", what: "cold responses, p95, the median of the crowds", value: cold.p95, ...milliseconds },
      bar: { atMost: 1000 },
    },
    { name: "cold-worst", what: "the same, the worst crowd", value: cold.worstP95, ...milliseconds },
  ];
};

const warm: Section = async (measuring, { rounds }) => {
  const seconds = rounds < 3 ? 6 : 16;
  const { p50, p95, p99 } = await step(`${crowd} viewers whose edge has all`, () =>
    measureWarm(measuring, { viewers: crowd, seconds }),
  );
  const milliseconds = { unit: " ms", digits: 1 };
  return [
    { name: "warm-p50", what: "warm responses, p50", value: p50, ...milliseconds },
    { name: "warm-p95", what: "warm responses, p95", value: p95, ...milliseconds, bar: { atMost: 50 } },
    { name: "warm-p99", what: "warm responses, p99", value: p99, ...milliseconds },
  ];
};

const returns: Section = async (measuring, { rounds }) => {
  const downs = Array.from({ length: rounds }, (_, round) => [2, 5, 3, 8, 4][round % 5]!);
  const found = await step(`The origin is killed ${rounds} times`, () =>
    measureReturn(measuring, { viewers: 20, downs }),
  );
  for (const { downSeconds, freshSeconds, meanwhile } of found)
    console.log(
      `  the origin was gone for ${downSeconds} s; meanwhile the edge's playlists had ${meanwhile.join(" and ")}; fresh after ${freshSeconds.toFixed(2)} s`,
    );
  const seconds = found.map(({ freshSeconds }) => freshSeconds);
  return [
    {
      ...{ name: "return", what: `fresh after the origin's return, the median of ${rounds}`, unit: " s", digits: 2 },
      ...{ value: median(seconds), bar: { atMost: 2 } },
    },
    { name: "return-worst", what: "the same, the worst", value: Math.max(...seconds), unit: " s", digits: 2 },
  ];
};

const yields: Section = async (measuring, { rounds }) => {
  const pairs = 2 * rounds + 1;
  const found: Yields = await step("Segments per processor-second", (note) => measureYields(measuring, pairs, note));
  const gbit = (name: string, what: string, values: readonly number[]): Figure => ({
    ...{ name, what: `Gbit of segments per processor-second, ${what}`, value: median(values), unit: "", digits: 2 },
  });
  return [
    gbit("gbit-edge", "the edge", found.edge),
    gbit("gbit-caddy", "Caddy as a proxy", found.caddy),
    gbit("gbit-static", "nginx with only files", found.static),
    {
      ...{ name: "of-caddy", what: `the edge, of Caddy as a proxy, ${pairs} pairs`, unit: "x", digits: 2 },
      ...{ value: medianRatio(found.edge, found.caddy), bar: { atLeast: 2 } },
    },
    {
      ...{ name: "of-static", what: `the edge, of nginx with only files, ${pairs} pairs`, unit: "x", digits: 2 },
      ...{ value: medianRatio(found.edge, found.static), bar: { atLeast: 0.8 } },
    },
  ];
};

const reports: Section = async (measuring) => {
  const { edges, origin } = measuring.stand;
  // A page sends three pings in this time, and an edge passes on one of them.
  const seconds = 12;
  const by = (targets: Parameters<typeof measureReports>[1]["targets"], what: string) =>
    step(what, () => measureReports(measuring, { viewers: reporters, targets, seconds }));
  const idle = await step("No viewers", () => measureIdle(measuring, seconds));
  const edgeTargets = edges.map(({ target }) => target);
  const behind = await by(edgeTargets, `${reporters} pages that report themselves to two edges`);
  const without = await by([origin().target], `${reporters} pages that report themselves to the origin`);
  const figuresOf = (kind: "asks" | "all", what: string, bar?: { readonly atMost: number }): Figure[] => {
    const [one, other] = [behind[kind], without[kind]];
    const [requests, processors] = [
      (some: typeof one) => sum(some.perSecond),
      (some: typeof one) => some.processors - idle,
    ];
    const perSecond = { unit: "", digits: 0 };
    const ratio = { unit: "x", digits: 2, ...(bar && { bar }) };
    return [
      {
        name: `${kind}-none`,
        what: `${what}, per second at the origin, no edge`,
        value: requests(other),
        ...perSecond,
      },
      { name: `${kind}-edges`, what: "the same, two full edges", value: requests(one), ...perSecond },
      { name: kind, what: "requests behind edges, of those without", value: requests(one) / requests(other), ...ratio },
      {
        ...{ name: `${kind}-cpu-none`, what: "the origin's processors for them, no edge", unit: "", digits: 3 },
        value: processors(other),
      },
      {
        ...{ name: `${kind}-cpu-edges`, what: "the same, two full edges", unit: "", digits: 3 },
        value: processors(one),
      },
      {
        ...{ name: `${kind}-cpu`, what: "processors behind edges, of those without", ...ratio },
        value: processors(one) / processors(other),
      },
    ];
  };
  return [
    ...figuresOf("asks", `pings and status requests of ${reporters} pages`, { atMost: 1 / 3 }),
    ...figuresOf("all", "the same with the reports of their playback, which no edge can keep"),
    {
      ...{ name: "counted-1000", what: `viewers that Owncast counts of ${reporters}, two edges`, unit: "", digits: 0 },
      ...{ value: behind.counted, bar: { exactly: reporters } },
    },
  ];
};

const torn: Section = async (_, { folder, front }) => {
  const own = join(folder, "torn");
  mkdirSync(own);
  const { byEdge, ofOwncast } = await step(`${tornPlaylists} playlists behind an origin that tears them`, () =>
    measureTorn({ folder: own, front }, tornPlaylists),
  );
  const number = { unit: "", digits: 0 };
  return [
    {
      ...{ name: "torn", what: `torn playlists by an edge, of ${tornPlaylists}`, value: byEdge.torn, ...number },
      bar: { exactly: 0 },
    },
    {
      ...{ name: "whole", what: "whole ones among them", value: byEdge.whole, ...number },
      bar: { exactly: tornPlaylists },
    },
    {
      ...{ name: "torn-owncast", what: `torn playlists of that Owncast itself, of ${tornPlaylists}`, ...number },
      value: ofOwncast.torn,
    },
  ];
};
