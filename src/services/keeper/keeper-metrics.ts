import type { Keeper } from "./keeper.ts";

/** What the keeper did, in Prometheus' text format. */
export function metricsText(keeper: Keeper, requests: ReadonlyMap<number, number>): string {
  const { drops, heldSeconds, tornReads, faults } = keeper.counts();
  const byKind = (value: (fault: { count: number; lasts: boolean }) => number): string[] =>
    [...faults].map(([kind, fault]) => `{kind="${kind}"} ${value(fault)}`);
  const age = keeper.newestAgeSeconds();
  const families: readonly [name: string, type: "counter" | "gauge", help: string, values: readonly string[]][] = [
    ["drops_total", "counter", "Losses of the publisher that were hidden from players.", [` ${drops}`]],
    [
      "held_seconds_total",
      "counter",
      "Time in which answers stood still for a lost publisher.",
      [` ${heldSeconds.toFixed(3)}`],
    ],
    [
      "torn_reads_total",
      "counter",
      "Playlists that were read while Owncast wrote them, and were not passed on.",
      [` ${tornReads}`],
    ],
    [
      "newest_segment_age_seconds",
      "gauge",
      "Time since a segment was listed last.",
      age === undefined ? [] : [` ${age.toFixed(3)}`],
    ],
    ["kept_bytes", "gauge", "Size of the segments that are held.", [` ${keeper.keptBytes}`]],
    ["on_air", "gauge", "1 while pictures come or a lost publisher is waited for.", [keeper.isOnAir() ? " 1" : " 0"]],
    [
      "faults_total",
      "counter",
      "What the disk refused, or another fault, while the keeper went on from memory.",
      byKind(({ count }) => count),
    ],
    ["faulty", "gauge", "1 while such a fault lasts.", byKind(({ lasts }) => (lasts ? 1 : 0))],
  ];
  const answers = [...requests].map(([status, count]) => `lectern_keeper_requests_total{status="${status}"} ${count}`);
  return `${[
    ...families.flatMap(([name, type, help, values]) => [
      `# HELP lectern_keeper_${name} ${help}`,
      `# TYPE lectern_keeper_${name} ${type}`,
      ...values.map((value) => `lectern_keeper_${name}${value}`),
    ]),
    "# HELP lectern_keeper_requests_total Answers to players, by status.",
    "# TYPE lectern_keeper_requests_total counter",
    ...answers,
  ].join("\n")}\n`;
}
