import { expect, it } from "vitest";
import { planFor } from "./plan.ts";

it("is everything, ten times, if nothing is said", () =>
  expect(planFor({})).toEqual({
    parts: ["killed", "hung", "drained", "hung after a kill", "without steering"],
    rounds: 10,
  }));

it("is what is named, in its own order", () =>
  expect(planFor({ named: "without steering; hung", rounds: "3" })).toEqual({
    parts: ["hung", "without steering"],
    rounds: 3,
  }));

it.each([{ named: "hang" }, { rounds: "0" }, { rounds: "many" }])("refuses %j", (asked) =>
  expect(() => planFor(asked)).toThrow(),
);
