import { originPathway } from "../../lib/edges-file.ts";

/** An edge at one moment. */
export interface EdgeState {
  readonly name: string;
  readonly weight: number;
  /** Whether it answers. */
  readonly isUp: boolean;
  /** Whether an admin sends its viewers elsewhere. */
  readonly isDrained: boolean;
  /** How many players say that they use it. */
  readonly viewers: number;
}

/** A player that asks where to go. */
export interface Asker {
  /** The pathway that it uses now. */
  readonly current?: string | undefined;
  /** The edges of its network, in groups: the most specific network first. */
  readonly nearest?: readonly (readonly string[])[];
  /** A random number from 0 up to 1: it decides between edges that are equally good. */
  readonly chance: number;
}

// A viewer is moved for balance only if its edge has a quarter more than its share, and at least ten viewers more.
const excess = { share: 0.25, viewers: 10 };

/**
 * All pathways of a stage, the best one for this player first. Edges that can be used come first, then the origin, then edges
 * that serve only other networks, then drained ones, then dead ones. Pure.
 *
 * A player stays where it is if that is good enough. If many must move, chance spreads them by the edges' weights and free
 * shares: if all were sent to the emptiest edge, they would overload it together.
 */
export function orderOf(edges: readonly EdgeState[], { current, nearest = [], chance }: Asker): string[] {
  const usable = edges.filter(({ isUp, isDrained }) => isUp && !isDrained);
  const near = nearest
    .map((names) => usable.filter(({ name }) => names.includes(name)))
    .filter((group) => group.length > 0);
  const isNear = (edge: EdgeState): boolean => near.some((group) => group.includes(edge));
  const forAll = usable.filter((edge) => edge.weight > 0 && !isNear(edge));
  const forOthers = usable.filter((edge) => edge.weight === 0 && !isNear(edge));
  const [best = [], ...next] = [...near, forAll].filter((group) => group.length > 0);
  const first = best.length === 0 ? [] : [choose(best, edges, { current, chance })];
  const rest = [
    ...best.filter((edge) => !first.includes(edge)).sort(byLoad),
    ...next.flatMap((group) => [...group].sort(byLoad)),
  ];
  const drained = edges.filter(({ isUp, isDrained }) => isUp && isDrained);
  const dead = edges.filter(({ isUp }) => !isUp);
  const names = (some: readonly EdgeState[]): string[] => some.map(({ name }) => name);
  const all = [...names([...first, ...rest]), originPathway, ...names([...forOthers, ...drained, ...dead])];
  // An edge may be named for two networks of the same viewer.
  return [...new Set(all)];
}

/** An edge's weight among equals: an edge that serves only its networks has one of 1 there. */
const weightOf = ({ weight }: EdgeState): number => weight || 1;
const byLoad = (one: EdgeState, other: EdgeState): number =>
  one.viewers / weightOf(one) - other.viewers / weightOf(other) || (one.name < other.name ? -1 : 1);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The best of a group of usable edges. `all` are the edges of the stage: the viewers of dead ones need a place too. */
function choose(
  group: readonly EdgeState[],
  all: readonly EdgeState[],
  { current, chance }: Pick<Asker, "current" | "chance">,
): EdgeState {
  const present = group.find(({ name }) => name === current);
  const weights = sum(group.map(weightOf));
  const inGroup = sum(group.map(({ viewers }) => viewers));
  const homeless = sum(all.filter(({ isUp, isDrained }) => !isUp || isDrained).map(({ viewers }) => viewers));
  const shareOf = (edge: EdgeState, total: number): number => (total * weightOf(edge)) / weights;
  if (present) {
    const share = shareOf(present, inGroup);
    const tooMany = present.viewers - share;
    if (tooMany <= Math.max(excess.viewers, share * excess.share)) return present;
    // Half of them move each time, so that the edges come into balance without swinging.
    const moving = tooMany / present.viewers / 2;
    if (chance >= moving) return present;
    return byChance(group, inGroup, shareOf, chance / moving);
  }
  return byChance(group, inGroup + homeless, shareOf, chance);
}

/** Chance decides, by the free shares, or by weight if no share is free. */
function byChance(
  group: readonly EdgeState[],
  total: number,
  shareOf: (edge: EdgeState, total: number) => number,
  chance: number,
): EdgeState {
  const free = group.map((edge) => Math.max(0, shareOf(edge, total) - edge.viewers));
  const odds = sum(free) > 0 ? free : group.map(weightOf);
  let left = chance * sum(odds);
  for (const [index, odd] of odds.entries()) {
    left -= odd;
    if (left < 0) return group[index] as EdgeState;
  }
  return group.findLast((_, index) => (odds[index] as number) > 0) as EdgeState;
}
