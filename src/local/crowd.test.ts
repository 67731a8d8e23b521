import { expect, it } from "vitest";
import { goodRehearsal } from "../../checks/lib/stream/good-rehearsal.ts";
import type { RehearsalReport } from "../rehearse/rehearsal-report.ts";
import { checkLimits, defaultLimits } from "../rehearse/verdict.ts";
import { codeWithCrowd, crowdLines } from "./crowd.ts";

const report = (verdict: RehearsalReport["verdict"]): RehearsalReport => ({
  plan: {
    ...{ url: "https://localhost:8443", stageName: undefined, viewers: 20, durationSeconds: 30, rampSeconds: 7 },
    ...{ split: undefined, encodings: [], pageShare: 1, chatUsers: 0 },
  },
  ...{ ranSeconds: 30, measured: goodRehearsal, limits: defaultLimits, causes: [], outages: [], verdict, series: [] },
  machine: {
    ...{ cpuShareMean: 0.3, cpuShareMax: 0.5, loopDelayMsMax: 4, networkShareMax: undefined },
    spoiltBy: verdict === "spoilt" ? ["its one processor was busy"] : [],
  },
  checks: checkLimits(goodRehearsal, defaultLimits),
});

it.each([
  { verdict: "passed", says: "✓ https://localhost:8443 holds: 20 viewers for 30 s", blamesMachine: false },
  { verdict: "failed", says: "✗ https://localhost:8443 does not hold with 20 viewers", blamesMachine: true },
  {
    verdict: "spoilt",
    says: "no verdict on https://localhost:8443: this machine spoilt the rehearsal",
    blamesMachine: true,
  },
] as const)("a demo whose crowd says $verdict says so, and what else this machine did if that may be why", (row) => {
  const text = crowdLines(report(row.verdict)).join("\n");
  expect(text).toContain(row.says);
  expect(text.includes("This machine also filmed, encoded and served the stream.")).toBe(row.blamesMachine);
});

it.each([
  { isGood: true, crowd: undefined, code: 0 },
  { isGood: true, crowd: 0, code: 0 },
  { isGood: true, crowd: 1, code: 1 },
  { isGood: true, crowd: 2, code: 2 },
  { isGood: false, crowd: undefined, code: 2 },
  { isGood: false, crowd: 0, code: 2 },
  { isGood: false, crowd: 1, code: 2 },
] as const)("with checks that are good: $isGood and a rehearsal's exit code $crowd, the demo's is $code", (row) => {
  expect(codeWithCrowd(row.isGood, row.crowd)).toBe(row.code);
});
