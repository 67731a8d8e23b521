import type { ClauseWords } from "./clause-words.ts";
import { withDirection } from "./cue-text.ts";
import { lineColumns, type Unit } from "./cue-units.ts";

/** How readers take a break between two units: 0 is the end of a sentence, 6 the middle of a word. */
export function breakCost(left: Unit, right: Unit | undefined, clauses: ClauseWords): number {
  if (/[.?!…。？！۔؟][\p{Pe}\p{Pf}"']*$/u.test(left.text)) return 0.2;
  if (/[,;:，、；：،–—]$/u.test(left.text)) return 0.8;
  if (right?.isTight) return 6;
  if (right && right.start - left.end >= 0.3) return 1;
  if (right && clauses.begins(right.text)) return 1.2;
  return clauses.leans(left.text) ? 4.5 : 2.5;
}

/** The widest cue that begins at a unit and has at most two lines: the unit after its last. At least one unit fits. */
export function fitFrom(units: readonly Unit[], from: number): number {
  let lines = 1;
  let columns = 0;
  for (let at = from; at < units.length; at++) {
    const unit = units[at]!;
    const wanted = columns === 0 ? unit.columns : columns + unit.space.length + unit.columns;
    if (wanted <= lineColumns) columns = wanted;
    else if (lines === 1) [lines, columns] = [2, unit.columns];
    else return at;
  }
  return units.length;
}

/** The columns of a line of these units. */
export const lineWidth = (units: readonly Unit[]): number =>
  units.reduce((sum, { space, columns }, at) => sum + columns + (at > 0 ? space.length : 0), 0);

/** One or two lines, each at most 42 columns wide, for units that fit. Two are balanced and broken where readers expect it. */
export function layOut(units: readonly Unit[], clauses: ClauseWords, rightToLeft: boolean): string[] {
  const lines = lineWidth(units) <= lineColumns ? [units] : splitInTwo(units, clauses);
  return lines.map((line) => withDirection(lineText(line), rightToLeft));
}

function splitInTwo(units: readonly Unit[], clauses: ClauseWords): (readonly Unit[])[] {
  let best = { cost: Number.POSITIVE_INFINITY, at: 1 };
  for (let at = 1; at < units.length; at++) {
    const [first, second] = [lineWidth(units.slice(0, at)), lineWidth(units.slice(at))];
    if (first > lineColumns || second > lineColumns) continue;
    const cost = breakCost(units[at - 1]!, units[at], clauses) + Math.abs(first - second) / 8;
    if (cost < best.cost) best = { cost, at };
  }
  return [units.slice(0, best.at), units.slice(best.at)];
}

const lineText = (units: readonly Unit[]): string =>
  units.map(({ space, text }, at) => (at > 0 ? `${space}${text}` : text)).join("");
