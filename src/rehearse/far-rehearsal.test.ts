import { afterEach, expect, it, vi } from "vitest";
import { goodLines, goodRehearsal, same } from "../../checks/lib/stream/good-rehearsal.ts";
import { rehearseFromAfar, withLines } from "./far-rehearsal.ts";
import type { FarLines, Measured, RehearsalReport } from "./rehearsal-report.ts";
import { rehearsalLines } from "./rehearsal-text.ts";
import { checkLimits, defaultLimits } from "./verdict.ts";

const reportOf = (measured: Measured): RehearsalReport => ({
  plan: {
    ...{ url: "https://live.test", stageName: undefined, viewers: 20, durationSeconds: 60, rampSeconds: 10 },
    ...{ split: undefined, encodings: [], pageShare: 0, chatUsers: 0 },
  },
  ...{ ranSeconds: 60, measured, limits: defaultLimits, causes: [], outages: [], verdict: "passed", series: [] },
  machine: { cpuShareMean: 0.3, cpuShareMax: 0.5, loopDelayMsMax: 4, networkShareMax: undefined, spoiltBy: [] },
  checks: checkLimits(measured, defaultLimits),
});

const good = reportOf(goodRehearsal);
const bad = reportOf({ ...goodRehearsal, segmentShare: same(2) });

it.each([
  ["passed", good],
  ["failed", bad],
] as const)("a rehearsal over lines as asked for has %s", (verdict, report) => {
  const found = withLines(report, goodLines);
  expect(found).toMatchObject({ verdict, lines: goodLines, machine: { spoiltBy: [] } });
  expect(found.causes).toHaveLength(verdict === "failed" ? 1 : 0);
});

it.each(["down", "up"] as const)("late packets %s spoil a rehearsal, whatever its viewers measured", (direction) => {
  const did: FarLines["did"] = { ...goodLines.did, [direction]: { ...goodLines.did[direction], latePercent: 5.1 } };
  for (const report of [good, bad]) {
    const text = rehearsalLines(withLines(report, { ...goodLines, did })).join("\n");
    expect(text).toContain(
      "! this machine was the limit: its lines were not as asked for: 5.1 % of the packets came over 5 ms late (at most 5 %)\n  → rehearse with fewer viewers, or while this machine has less to do\n✗ no verdict on https://live.test",
    );
    expect(text).not.toMatch(/^[✓✗] {2}/m);
  }
});

it("an interrupted rehearsal stays without a verdict", () =>
  expect(withLines({ ...bad, earlyEnd: { kind: "interrupted", message: "" } }, goodLines).verdict).toBe("unfinished"));

afterEach(() => void vi.restoreAllMocks());

it.each<[string, () => void, RegExp]>([
  ["another user than root", () => vi.spyOn(process, "getuid").mockReturnValue(1000), /needs root's rights/],
  ["another system than Linux", () => vi.spyOn(process, "platform", "get").mockReturnValue("darwin"), /on Linux only/],
])("%s is told so before anything is made", async (_, pretend, message) => {
  pretend();
  const { signal } = new AbortController();
  const rehearsal = { link: goodLines.asked, url: "https://live.test", command: () => [], signal };
  await expect(rehearseFromAfar(rehearsal)).rejects.toMatchObject({
    ...{ exitCode: 1, message: expect.stringMatching(message) },
    remedy: expect.stringMatching(/on the stage's own machine/),
  });
});
