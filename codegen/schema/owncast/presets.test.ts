import { expect, it } from "vitest";
import { contractLadder, expandLadder } from "./presets.ts";

it.each([
  ["lecture"],
  ["lecture-high"],
  [{ preset: "lecture", without: ["FHD"] }],
  [{ preset: "lecture", without: ["SD", "FHD"], framerate: 25 }],
  [{ preset: "lecture-high", audioBitrateKbps: 128, cpuUsage: "low" }],
] as const)("a ladder is written as %j again after it was expanded", (written) => {
  expect(contractLadder(expandLadder(written as Parameters<typeof expandLadder>[0]))).toEqual(written);
});

it("a ladder that matches no preset stays a list", () => {
  const [first, ...rest] = expandLadder("lecture");
  const ladder = [{ ...first!, bitrateKbps: 999 }, ...rest];
  expect(contractLadder(ladder)).toEqual(ladder);
  expect(contractLadder([{ name: "Source", passthrough: true }])).toEqual([{ name: "Source", passthrough: true }]);
});
