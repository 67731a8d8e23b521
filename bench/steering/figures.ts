import { type LossSeen, type PlayerName, playerNames } from "../../checks/lib/browser/edge-loss.ts";
import { median } from "../measure.mjs";
import { type PartName, parts } from "./plan.ts";

/** What one viewer saw of one lost edge. */
export interface Case extends LossSeen {
  readonly part: PartName;
}

/** The most seconds that a viewer may stand still in total. */
const bars: Readonly<Record<PartName, number | undefined>> = {
  killed: 2,
  hung: 2,
  drained: 0,
  "hung after a kill": 2,
  "without steering": undefined,
};

const tenths = (seconds: number): string => seconds.toFixed(1);
const both = (values: readonly number[]): string => `${tenths(median(values))}/${tenths(Math.max(...values))}`;

/** One case, for people who wait. */
export function lineOf({ part, player, edge, bufferedSeconds, leftAfterSeconds, stalledSeconds }: Case): string {
  const left = leftAfterSeconds === undefined ? "never left it" : `left it after ${tenths(leftAfterSeconds)} s`;
  return `${part} ${edge}, ${player}: ${tenths(bufferedSeconds)} s in hand, ${left}, stood still ${tenths(stalledSeconds)} s`;
}

const casesOf = (cases: readonly Case[], part: PartName, player: PlayerName): Case[] =>
  cases.filter((one) => one.part === part && one.player === player);

/** The medians and the worst cases as a Markdown table. */
export function tableOf(cases: readonly Case[]): string[] {
  const rows = parts.flatMap((part) =>
    playerNames.flatMap((player) => {
      const some = casesOf(cases, part, player);
      if (some.length === 0) return [];
      const left = some.flatMap(({ leftAfterSeconds }) => leftAfterSeconds ?? []);
      const stays = some.length - left.length;
      const leaves = [
        ...(left.length > 0 ? [`${both(left)} s`] : []),
        ...(stays > 0 ? [`${stays} of ${some.length} never`] : []),
      ];
      const stood = `${both(some.map(({ stalledSeconds }) => stalledSeconds))} s`;
      const inHand = `${tenths(Math.min(...some.map(({ bufferedSeconds }) => bufferedSeconds)))} s`;
      const bar = bars[part] === undefined ? "–" : `${bars[part]} s`;
      return [`| ${[part, player, some.length, inHand, leaves.join(", "), stood, bar].join(" | ")} |`];
    }),
  );
  const head = ["the edge", "player", "times", "least in hand", "leaves after", "stands still", "bar"];
  return [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...rows];
}

/** The stalled seconds, median and worst, against the bars, and how many never left the edge: at a drained one they lose nothing. */
export function lastLine(cases: readonly Case[]): string {
  const texts = parts.flatMap((part) => {
    const players = playerNames.flatMap((player) => {
      const some = casesOf(cases, part, player);
      if (some.length === 0) return [];
      const stays = some.filter(({ leftAfterSeconds }) => leftAfterSeconds === undefined).length;
      const never = stays > 0 ? ` (${stays} of ${some.length} never left)` : "";
      return [`${player} ${both(some.map(({ stalledSeconds }) => stalledSeconds))} s${never}`];
    });
    const bar = bars[part] === undefined ? "" : ` (bar ${bars[part]})`;
    return players.length === 0 ? [] : [`${part} ${players.join(" ")}${bar}`];
  });
  return `steering: ${texts.join(", ")}`;
}
