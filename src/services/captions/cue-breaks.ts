import type { ClauseWords } from "./clause-words.ts";
import { breakCost, fitFrom } from "./cue-lines.ts";
import type { Unit } from "./cue-units.ts";

/** A silence between words that ends a cue. */
export const pauseSeconds = 0.6;
/** Speech in one cue. Its text is on screen from the first word on. */
const longestCueSeconds = 7;
/** Words that begin later before the end of what is known may wait for the words after them. */
export const holdSeconds = 0.8;

const cueCost = 1.5;
const shortCost = 2;
const shortColumns = 15;
const lateCost = 2;
const entryCost = 5;

/** What comes after the units. */
export interface Border {
  /** Where the known time ends; words may follow at once. Undefined if nothing follows. */
  readonly knownUntil: number | undefined;
  /** The first unit that may begin a glossary entry which ends in the unknown; the units' count if there is none. */
  readonly entryFrom: number;
}

/** Units as cues: the units of each. `held` are the last ones, which wait for what follows. */
export interface Parted {
  readonly cues: readonly (readonly Unit[])[];
  readonly held: readonly Unit[];
}

/** Parts units into cues: at pauses, and between them where it costs the reader least. Linear in the units' count. */
export function partUnits(units: readonly Unit[], border: Border, clauses: ClauseWords): Parted {
  const cues: (readonly Unit[])[] = [];
  let from = 0;
  for (let at = 1; at < units.length; at++) {
    const { end, endsPage } = units[at - 1]!;
    if (!endsPage && units[at]!.start - end < pauseSeconds) continue;
    cues.push(...partRun(units.slice(from, at), undefined, clauses).cues);
    from = at;
  }
  if (units.length === 0) return { cues, held: [] };
  const { knownUntil } = border;
  const { end: spokenUntil, endsPage } = units.at(-1)!;
  const isOpen = knownUntil !== undefined && !endsPage && knownUntil - spokenUntil < pauseSeconds;
  const end = isOpen ? { knownUntil, entryFrom: border.entryFrom - from } : undefined;
  const last = partRun(units.slice(from), end, clauses);
  return { cues: [...cues, ...last.cues], held: last.held };
}

interface OpenEnd {
  readonly knownUntil: number;
  readonly entryFrom: number;
}

/** A run without pauses. `end` is undefined if a pause ends it. */
function partRun(units: readonly Unit[], end: OpenEnd | undefined, clauses: ClauseWords): Parted {
  const count = units.length;
  const costs = new Array<number>(count + 1).fill(Number.POSITIVE_INFINITY);
  const before = new Array<number>(count + 1).fill(0);
  costs[0] = 0;
  for (let from = 0; from < count; from++) {
    const widest = fitFrom(units, from);
    let columns = 0;
    for (let to = from + 1; to <= widest; to++) {
      columns += units[to - 1]!.columns;
      if (to > from + 1 && units[to - 1]!.end - units[from]!.start > longestCueSeconds) break;
      const cost = costs[from]! + cueCost + (columns < shortColumns ? shortCost : 0) + endCost(units, to, end, clauses);
      if (cost < costs[to]!) [costs[to], before[to]] = [cost, from];
    }
  }
  const until = end ? cheapestHold(units, costs, end) : count;
  const cues: (readonly Unit[])[] = [];
  for (let to = until; to > 0; to = before[to]!) cues.push(units.slice(before[to], to));
  return { cues: cues.reverse(), held: units.slice(until) };
}

/** What it costs that a cue ends before a unit. */
function endCost(units: readonly Unit[], to: number, end: OpenEnd | undefined, clauses: ClauseWords): number {
  if (to < units.length) return breakCost(units[to - 1]!, units[to], clauses);
  if (!end) return 0;
  return breakCost(units[to - 1]!, undefined, clauses) + (end.entryFrom < units.length ? entryCost : 0);
}

/** From which unit on the units wait: those that begin shortly before the end of what is known. */
function cheapestHold(units: readonly Unit[], costs: readonly number[], end: OpenEnd): number {
  let best = units.length;
  let least = costs[best]!;
  for (let at = units.length - 1; at >= 0; at--) {
    const { start, word } = units[at]!;
    const lateSeconds = end.knownUntil - start;
    if (lateSeconds > holdSeconds) break;
    if (word === undefined) continue;
    const split = end.entryFrom < at ? entryCost : 0;
    // The cost of the break before it is in `costs`.
    const cost = costs[at]! + lateCost * Math.max(0, lateSeconds) + split;
    if (cost < least) [best, least] = [at, cost];
  }
  return best;
}
