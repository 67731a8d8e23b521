import { median } from "../measure.mjs";
import type { Case } from "./rounds.ts";

/** One line about cases that differ only in their round. */
export function lineOf(cases: readonly Case[]): string {
  const [{ stage, front, lost, seconds }] = cases as [Case];
  const frozen = cases.map(({ page }) => page.frozenSeconds);
  const hands = cases.map(({ page }) => page.bufferedSeconds);
  const after = cases.flatMap(({ page }) => page.playsAfterSeconds ?? []);
  const what = `${front === "article" ? "before: " : ""}${stage}, ${lost}${seconds > 0 ? ` ${seconds} s` : ""}`;
  const reloads = cases.filter(needsReload).length;
  const figures = [
    `${reloads} of ${cases.length} need a reload`,
    `${range(hands)} s buffered`,
    `frozen ${tenths(median(frozen))} s (${range(frozen)}), of it late ${range(cases.map(({ lateSeconds }) => lateSeconds))} s`,
    `${stallsOf(cases)} stalls`,
    ...(after.length > 0 ? [`plays ${tenths(Math.max(...after))} s after the return at most`] : []),
    `the player without a page ended in ${cases.filter(({ isPagelessThere }) => !isPagelessThere).length} of ${cases.length}`,
  ];
  return `${what}: ${figures.join(", ")}`;
}

/** One line for each kind of loss, in the order of their first cases. */
export function linesOf(cases: readonly Case[]): string[] {
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const key = `${one.stage} ${one.front} ${one.lost} ${one.seconds}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map(lineOf);
}

/** The total, against the bars. */
export function lastLine(cases: readonly Case[]): string {
  const [ours, articles] = ["lectern", "article"].map((front) => cases.filter((one) => one.front === front)) as [
    Case[],
    Case[],
  ];
  const camera = ours.filter(({ lost }) => lost === "camera");
  const isWithin = ({ page }: Case) => page.dropSeconds < page.bufferedSeconds;
  const worst = (some: readonly Case[], of: (one: Case) => number) =>
    some.length === 0 ? "–" : `${tenths(Math.max(...some.map(of)))} s`;
  const reloads = (some: readonly Case[]) => `${some.filter(needsReload).length} of ${some.length}`;
  const owncast = ours.filter(({ lost }) => lost === "Owncast");
  const keeper = ours.filter(({ lost }) => lost === "keeper");
  return [
    `drops: ${reloads(ours)} need a reload (bar: 0; before: ${reloads(articles)})`,
    `frozen if the loss is shorter than the buffer ${worst(camera.filter(isWithin), ({ page }) => page.frozenSeconds)} (bar: 0)` +
      `, of it late ${worst(camera.filter(isWithin), ({ lateSeconds }) => lateSeconds)}`,
    `else frozen longer than the loss ${worst(
      camera.filter((one) => !isWithin(one)),
      ({ page }) => Math.max(0, page.frozenSeconds - page.dropSeconds),
    )} (bar: 5 s)`,
    `keeper killed: ${stallsOf(keeper)} stalls in ${keeper.length} (bar: 0)`,
    `Owncast killed: plays after ${worst(owncast, ({ page }) => page.playsAfterSeconds ?? Number.POSITIVE_INFINITY)} (bar: 15 s)`,
    `the player without a page ended in ${ours.filter(({ isPagelessThere }) => !isPagelessThere).length} of ${ours.length}`,
  ].join(", ");
}

const needsReload = ({ page }: Case): boolean => page.playsAfterSeconds === undefined;
const stallsOf = (cases: readonly Case[]): number => cases.reduce((sum, { page }) => sum + page.freezes.length, 0);
const range = (values: readonly number[]): string =>
  [...new Set([Math.min(...values), Math.max(...values)].map(tenths))].join(" to ");
const tenths = (seconds: number): string => seconds.toFixed(1);
