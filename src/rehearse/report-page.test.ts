import { describe, expect, it } from "vitest";
import { goodLines, goodRehearsal } from "../../checks/lib/stream/good-rehearsal.ts";
import { ticksTo } from "./plot.ts";
import type { RehearsalReport } from "./rehearsal-report.ts";
import { reportPage } from "./report-page.ts";
import type { Point } from "./series.ts";
import { checkLimits, defaultLimits } from "./verdict.ts";

const point = (atSeconds: number): Point => ({
  ...{ atSeconds, viewers: Math.min(20, atSeconds), stalled: 0, mbps: 50, segmentShareP50: 0.1, stalls: 1, errors: 0 },
  ...{ segmentShareP95: atSeconds === 3 ? undefined : 0.2, cpuShare: 0.3, loopDelayMs: 2 },
});

const report = (rest: Partial<RehearsalReport> = {}): RehearsalReport => ({
  plan: {
    ...{ url: "https://live.example.org", stageName: "Main stage", viewers: 20, durationSeconds: 60, rampSeconds: 10 },
    ...{ split: [{ name: "720p", share: 1 }], encodings: [{ name: "chrome", share: 1 }], pageShare: 0, chatUsers: 0 },
  },
  ...{ ranSeconds: 60, measured: goodRehearsal, limits: defaultLimits, causes: [], outages: [], verdict: "passed" },
  machine: { cpuShareMean: 0.3, cpuShareMax: 0.5, loopDelayMsMax: 4, networkShareMax: undefined, spoiltBy: [] },
  checks: checkLimits(goodRehearsal, defaultLimits),
  series: Array.from({ length: 60 }, (_, at) => point(at + 1)),
  ...rest,
});

const madeAt = new Date("2026-11-29T20:00:00Z");
const page = (rest: Partial<RehearsalReport> = {}): string => reportPage(report(rest), madeAt);
const text = (html: string): string => html.replaceAll(/<style>[\s\S]*?<\/style>/g, "").replaceAll(/<[^>]*>/g, " ");

describe("the report page", () => {
  it("shows verdict, checks, what was measured, and five plots", () => {
    const html = page();
    expect(html.match(/<svg /g)).toHaveLength(5);
    expect(text(html)).toContain("✓ https://live.example.org holds: 20 viewers for 60 s");
    expect(text(html)).toMatch(/✓\s+time to the first frame \(p95\)\s+0\.40 s\s+5\.00 s/);
    expect(text(html)).toMatch(/playlist\s+p50 10 ms, p95 10 ms, p99 10 ms\s+behind live\s+p50 9\.00 s/);
    expect(text(html)).toContain("2026-11-29T20:00:00Z");
  });

  it("loads nothing and runs nothing", () => {
    const html = page();
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|\ssrc=|\son\w+=/i);
  });

  const hostile = `"><script>alert(1)</script>&'<img src=x onerror=alert(2)>`;
  it.each<[string, Partial<RehearsalReport>]>([
    ["stage's name", { plan: { ...report().plan, stageName: hostile } }],
    ["address", { plan: { ...report().plan, url: hostile } }],
    ["rendition's name", { plan: { ...report().plan, split: [{ name: hostile, share: 1 }] } }],
    ["kind of error", { measured: { ...goodRehearsal, errorKinds: [{ kind: hostile, count: 3 }] } }],
    ["encoding", { measured: { ...goodRehearsal, segmentEncodings: { [hostile]: 3 } } }],
    ["cause", { causes: [{ message: hostile, remedy: hostile }] }],
    ["reason of an early end", { earlyEnd: { kind: "not-allowed", message: hostile, remedy: hostile } }],
    [
      "reason why the machine was the limit",
      { verdict: "spoilt", machine: { ...report().machine, spoiltBy: [hostile] } },
    ],
  ])("shows a hostile %s as text", (_, rest) => {
    const html = page(rest);
    expect(html).not.toMatch(/<script|<img/);
    expect(html).toContain(
      "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;&lt;img src=x onerror=alert(2)&gt;",
    );
  });

  it("judges nothing in a spoilt rehearsal", () => {
    const html = page({ verdict: "spoilt", machine: { ...report().machine, spoiltBy: ["its event loop was late"] } });
    expect(html).not.toMatch(/<tr class="(passed|failed)"/);
    expect(text(html)).toContain("This machine was the limit: its event loop was late");
  });

  it("shows the lines to viewers far away, and what they did", () => {
    const html = text(page({ lines: goodLines }));
    expect(html).toContain("a line of 250 ms, 1 % loss and 20 Mbit/s for each viewer; this host sends with bbr");
    expect(html).toMatch(
      /to the stage\s+9000 packets, 1\.0 % lost, 12 dropped by a full queue \(at most 31 ms long\), 0\.4 %/,
    );
    expect(html).toMatch(/✓ .* holds: 20 viewers for 60 s over a line of 250 ms/);
    expect(text(page())).not.toContain("lines");
  });

  it("leaves a gap in a line for a time without a value", () => {
    const lines = [...page().matchAll(/<path class="line b" d="([^"]*)"/g)].map(([, path = ""]) => path);
    expect(lines.filter((path) => path.split("M").length === 3)).toHaveLength(1);
  });

  it("is drawn without points, too", () => {
    const html = page({ series: [] });
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("stays small for a long rehearsal", () =>
    expect(page({ series: Array.from({ length: 600 }, (_, at) => point(at + 1)) }).length).toBeLessThan(300_000));
});

describe("an axis", () => {
  it.each([
    [1, [0, 0.5, 1]],
    [4, [0, 1, 2, 3, 4]],
    [37, [0, 10, 20, 30, 40]],
    [2600, [0, 1000, 2000, 3000]],
  ])("up to %d has round numbers", (highest, ticks) => expect(ticksTo(highest)).toEqual(ticks));
});
