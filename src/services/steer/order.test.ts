import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { type Asker, type EdgeState, orderOf } from "./order.ts";

const edge = (name: string, state: Partial<EdgeState> = {}): EdgeState => ({
  ...{ name, weight: 1, isUp: true, isDrained: false, viewers: 0 },
  ...state,
});
const order = (edges: readonly EdgeState[], asker: Partial<Asker> = {}) => orderOf(edges, { chance: 0, ...asker });

const names = ["a", "b", "c", "d", "e"];
const anyEdges = fc
  .array(
    fc.record({
      weight: fc.integer({ min: 0, max: 5 }),
      isUp: fc.boolean(),
      isDrained: fc.boolean(),
      viewers: fc.integer({ min: 0, max: 500 }),
    }),
    { minLength: 1, maxLength: names.length },
  )
  .map((states) => states.map((state, index) => edge(names[index] as string, state)));
const anyAsker = fc.record({
  current: fc.option(fc.constantFrom(...names, "origin", "unknown", "__proto__"), { nil: undefined }),
  nearest: fc.array(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
  chance: fc.double({ min: 0, max: 0.999999, noNaN: true }),
});
const usableIn = (edges: readonly EdgeState[]) => edges.filter(({ isUp, isDrained }) => isUp && !isDrained);

describe("the order, whatever the edges' state and the player", () => {
  it("lists every pathway once", () =>
    fc.assert(
      fc.property(anyEdges, anyAsker, (edges, asker) => {
        expect([...orderOf(edges, asker)].sort()).toEqual([...edges.map(({ name }) => name), "origin"].sort());
      }),
      { numRuns: runs(300, 5000) },
    ));

  it("puts no dead or drained edge before one that can be used, nor before the origin", () =>
    fc.assert(
      fc.property(anyEdges, anyAsker, (edges, asker) => {
        const all = orderOf(edges, asker);
        const usable = usableIn(edges).map(({ name }) => name);
        const firstOut = all.findIndex((name) => name !== "origin" && !usable.includes(name));
        const before = firstOut < 0 ? all : all.slice(0, firstOut);
        expect(before.sort()).toEqual([...usable, "origin"].sort());
      }),
      { numRuns: runs(300, 5000) },
    ));

  it("puts the origin first only if no edge can be used, or none that serves this player's network", () =>
    fc.assert(
      fc.property(anyEdges, anyAsker, (edges, asker) => {
        const near = asker.nearest.flat();
        const mine = usableIn(edges).filter(({ name, weight }) => weight > 0 || near.includes(name));
        expect(orderOf(edges, asker)[0] === "origin").toBe(mine.length === 0);
      }),
      { numRuns: runs(300, 5000) },
    ));
});

describe("a player", () => {
  it("stays where it is, also if another edge is emptier", () =>
    expect(order([edge("a"), edge("b", { viewers: 9 })], { current: "b" })[0]).toBe("b"));

  it("leaves a dead edge, and a drained one", () => {
    for (const out of [{ isUp: false }, { isDrained: true }])
      expect(order([edge("a", out), edge("b"), edge("c")], { current: "a" })[0]).not.toBe("a");
  });

  it("goes to the edge of its network, and to that of the smaller network first", () => {
    const edges = [edge("a"), edge("b"), edge("c")];
    expect(order(edges, { nearest: [["b"], ["c"]], current: "a" })).toEqual(["b", "c", "a", "origin"]);
    expect(order([edge("a"), edge("b", { isUp: false })], { nearest: [["b"]] })).toEqual(["a", "origin", "b"]);
  });

  it("is sent to an edge of weight 0 only from its networks", () => {
    const edges = [edge("campus", { weight: 0 }), edge("all")];
    expect(order(edges)).toEqual(["all", "origin", "campus"]);
    expect(order(edges, { nearest: [["campus"]] })[0]).toBe("campus");
  });
});

/** Lets players ask again and again, until nothing moves; returns how many are on each edge. */
function settle(edges: readonly EdgeState[], players: (string | undefined)[], rounds = 25): Record<string, number> {
  let seed = 1;
  const chance = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < rounds; round++) {
    const seen = edges.map((one) => ({ ...one, viewers: players.filter((name) => name === one.name).length }));
    for (const [index, current] of players.entries()) players[index] = orderOf(seen, { current, chance: chance() })[0];
  }
  return Object.fromEntries(edges.map(({ name }) => [name, players.filter((one) => one === name).length]));
}

describe("a crowd", () => {
  it("spreads by the edges' weights, although all begin at the same edge", () => {
    const {
      a = 0,
      b = 0,
      c = 0,
    } = settle([edge("a"), edge("b"), edge("c", { weight: 2 })], new Array<string>(400).fill("a"));
    expect(a + b + c).toBe(400);
    expect([a, b].every((viewers) => viewers >= 75 && viewers <= 126)).toBe(true);
    expect(c).toBeGreaterThan(150);
  });

  it("of a dead edge goes to all others at once, not to the emptiest alone", () => {
    const players = [...new Array<string>(150).fill("dead"), ...new Array<string>(50).fill("a")];
    const { a = 0, b = 0, dead } = settle([edge("dead", { isUp: false }), edge("a"), edge("b")], players, 1);
    expect(dead).toBe(0);
    expect([a, b].every((viewers) => viewers > 70 && viewers < 130)).toBe(true);
  });
});
