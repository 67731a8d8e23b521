import { describe, expect, it } from "vitest";
import { newestReports } from "./page-reports.ts";
import type { ViewerLines } from "./viewer-lines.ts";
import { bitratesOf, type HostViewers } from "./viewers.ts";
import { viewersText } from "./viewers-text.ts";

const quiet: ViewerLines = {
  ...{ seconds: 10.01, connections: 42, addresses: 30, fromThisHost: 0, withVideo: 38 },
  ...{ smallestKbps: 1000, bestKbps: 5000, cannotKeepUp: [], belowBest: 0, gone: 0 },
  ...{ congestion: { bbr: 38 }, distances: [] },
};
const host = (lines: Partial<ViewerLines>, more: Partial<HostViewers> = {}): HostViewers => ({
  ...{ http3: false, stages: [], faults: [] },
  lines: { ...quiet, ...lines },
  ...more,
});
const slow = {
  ...{ network: "203.0.113.0/24", roundTripMs: 250.6, sentAgainPercent: 0.51, congestion: "cubic", kbps: 420 },
  limitedBy: "line" as const,
};
const pages = {
  ...{ at: "2026-11-25T21:40:12.000Z", errors: 2, medianLatencySeconds: 8.14, highestLatencySeconds: 20 },
  ...{ slowestKbps: 812.4, medianKbps: 9000, slowestDownloadSeconds: 2.25, segmentSeconds: 2 },
};
const stage = { name: "main", isLive: true, counted: 40, renditionsKbps: [1000], pages };

it.each<[claim: string, of: HostViewers, says: readonly string[]]>([
  [
    "nobody has trouble",
    host({}),
    [
      "42 TCP connections from 30 addresses, 38 with video (sent 38 by bbr)",
      "✓ everybody keeps up with the smallest rendition (1000 kbit/s)",
      "HTTP/3 is off",
    ],
  ],
  [
    "who cannot keep up, and that cubic is the cause",
    host({ cannotKeepUp: [slow] }),
    [
      "✗ 1 cannot keep up: always busy, and slower than the smallest rendition (1000 kbit/s)",
      "    203.0.113.0/24, round trip 251 ms, 0.51 % sent again, cubic, 420 kbit/s",
      "  → this host sends with cubic; set net.ipv4.tcp_congestion_control to bbr (docs/viewers.md, far away)",
    ],
  ],
  [
    "what helps where BBR is on already",
    host({ cannotKeepUp: [{ ...slow, congestion: "bbr" }] }),
    ["  → a server nearer to them, or a rendition of at most 700 kbit/s (docs/viewers.md, far away)"],
  ],
  [
    "that a viewer's own device is the cause",
    host({ cannotKeepUp: [{ ...slow, limitedBy: "receiver" }] }),
    ["  → their own devices read too slowly: the server cannot change that"],
  ],
  [
    "ten of many",
    host({ cannotKeepUp: Array.from({ length: 13 }, () => slow) }),
    ["    … and 3 more (--json has all)"],
  ],
  [
    "that HTTP/3 hides viewers",
    host({}, { http3: true }),
    ["HTTP/3 is on: viewers who use it are not in this list, and BBR does not help them"],
  ],
  [
    "that a proxy hides viewers",
    host({ addresses: 2 }, { stages: [stage] }),
    [
      "Owncast counts 40 viewers: many share an address, or are behind a proxy or an edge. Behind a proxy, only its own line shows",
    ],
  ],
  [
    "that a tunnel on this host hides viewers",
    host({ fromThisHost: 3 }),
    ["3 connections from this host itself: a probe, or a proxy or tunnel that hides its viewers' lines"],
  ],
  ["that nobody is judged", host({ smallestKbps: null, bestKbps: null }), ["nobody is judged: no stage is live"]],
  [
    "that the camera's bitrate is not known",
    host({ smallestKbps: null, bestKbps: null }, { stages: [stage] }),
    [
      "nobody is judged: the bitrate of what is on air is not known (a passthrough rendition, and the gate does not respond)",
    ],
  ],
  [
    "distances",
    host({
      distances: [
        { fromMs: 0, belowMs: 50, withVideo: 30, cannotKeepUp: 0, sentAgainPercent: 0.01 },
        { fromMs: 300, belowMs: null, withVideo: 8, cannotKeepUp: 1, sentAgainPercent: 1.2 },
      ],
    }),
    [
      "round trip 0 to 50 ms: 30 with video, 0 cannot keep up, 0.01 % sent again",
      "round trip 300 ms and more: 8 with video, 1 cannot keep up, 1.2 % sent again",
    ],
  ],
  [
    "what the pages report",
    host({}, { stages: [stage, { ...stage, name: "second", pages: undefined }] }),
    [
      "pages of main: at 21:40 UTC 2 errors, 8.1 s behind live, at most 20 s, slowest connection 812 kbit/s, slowest download of a segment (2 s of video) 2.3 s",
      "pages of second: no reports yet",
    ],
  ],
  [
    "short numbers, whatever a stranger reported",
    host({}, { stages: [{ ...stage, pages: { ...pages, errors: 1e308, highestLatencySeconds: 5e9 } }] }),
    [
      "pages of main: at 21:40 UTC over 1000000 errors, 8.1 s behind live, at most over 1000000 s, slowest connection 812 kbit/s, slowest download of a segment (2 s of video) 2.3 s",
    ],
  ],
  [
    "a stage that could not be read",
    host({}, { faults: [{ stage: "main", exitCode: 69, message: "refused\u001b[2J" }] }),
    ["✗ main: refused\\u001b[2J"],
  ],
])("says %s", (_, of, says) => {
  const lines = viewersText(of).split("\n");
  expect(lines[0]).toBe("viewers  port 443, seen for 10 s");
  for (const line of says) expect(lines).toContain(`  ${line}`);
});

describe("newestReports", () => {
  const series = (...values: number[]) => values.map((value) => ({ time: "2026-11-25T22:40:12.5+01:00", value }));
  const metrics = {
    ...{ errors: series(5, 2), medianLatency: series(9, 8.1), highestLatency: series(20) },
    ...{
      maximumSegmentDownloadDuration: series(2.25),
      minPlayerBitrate: series(812),
      medianPlayerBitrate: series(9000),
    },
    segmentLength: 2,
  };

  it("takes the last of each", () => {
    expect(newestReports(metrics)).toEqual({
      ...{ at: "2026-11-25T21:40:12.500Z", errors: 2, medianLatencySeconds: 8.1, highestLatencySeconds: 20 },
      ...{ slowestKbps: 812, medianKbps: 9000, slowestDownloadSeconds: 2.25, segmentSeconds: 2 },
    });
  });

  it("knows that 0 means that no player told", () => {
    const none = {
      ...metrics,
      errors: series(0),
      medianLatency: series(0),
      minPlayerBitrate: [],
      highestLatency: null,
    };
    expect(newestReports(none)).toMatchObject({
      ...{ errors: 0, medianLatencySeconds: null, highestLatencySeconds: null, slowestKbps: null },
    });
  });

  it.each([[null], [[]], [[{ time: "never", value: 1 }]]])("has none from %j", (errors) => {
    expect(newestReports({ ...metrics, errors })).toBeUndefined();
  });
});

it("knows the bitrates of what is on air", () => {
  const settings = [
    { videoPassthrough: false, videoBitrate: 1200, audioBitrate: 128 },
    { videoPassthrough: true, videoBitrate: 0 },
    { videoBitrate: "1200" },
    null,
  ];
  expect(bitratesOf(settings, 6012.4)).toEqual([1200, 6012]);
  expect(bitratesOf(settings, 0)).toEqual([1200]);
});
