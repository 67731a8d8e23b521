import { expect, it } from "vitest";
import { type Case, lastLine, tableOf } from "./figures.ts";

const seen = (part: Case["part"], player: Case["player"], stalledSeconds: number, leftAfterSeconds?: number): Case => ({
  ...{ part, player, stalledSeconds, leftAfterSeconds },
  ...{ edge: "paris", bufferedSeconds: 6 },
});
const cases = [
  seen("killed", "page", 0, 0.4),
  seen("killed", "page", 0.3, 0.8),
  seen("killed", "page", 0, 0.5),
  seen("killed", "hls.js", 1, 2),
  seen("drained", "page", 0, 3),
  seen("drained", "hls.js", 0),
  seen("without steering", "hls.js", 64),
];

it("the last line has the median and the worst case of each player, and who never left an edge, also without a stall", () =>
  expect(lastLine(cases)).toBe(
    "steering: killed page 0.0/0.3 s hls.js 1.0/1.0 s (bar 2), drained page 0.0/0.0 s hls.js 0.0/0.0 s (1 of 1 never left) (bar 0), without steering hls.js 64.0/64.0 s (1 of 1 never left)",
  ));

it("the table says who never left the edge", () =>
  expect(tableOf(cases).slice(2)).toEqual([
    "| killed | page | 3 | 6.0 s | 0.5/0.8 s | 0.0/0.3 s | 2 s |",
    "| killed | hls.js | 1 | 6.0 s | 2.0/2.0 s | 1.0/1.0 s | 2 s |",
    "| drained | page | 1 | 6.0 s | 3.0/3.0 s | 0.0/0.0 s | 0 s |",
    "| drained | hls.js | 1 | 6.0 s | 1 of 1 never | 0.0/0.0 s | 0 s |",
    "| without steering | hls.js | 1 | 6.0 s | 1 of 1 never | 64.0/64.0 s | – |",
  ]));
