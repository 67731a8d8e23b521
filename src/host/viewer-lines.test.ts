import { expect, it } from "vitest";
import type { Connection } from "./viewer-connections.ts";
import { judgeLines, type ViewerLines } from "./viewer-lines.ts";

const start: Connection = {
  key: "192.0.2.1:443 203.0.113.7:50000",
  address: "203.0.113.7",
  ...{ congestion: "cubic", roundTripMs: 250, bytesSent: 1_000_000, bytesSentAgain: 10_000 },
  ...{ bytesAcknowledged: 1_000_000, busyMs: 20_000, receiverLimitedMs: 0, lastAcknowledgedMs: 10 },
};
/** The same connection ten seconds later. */
const later = ({
  kbps = 0,
  busy = 1,
  ...more
}: Partial<Connection> & { kbps?: number; busy?: number }): Connection => ({
  ...start,
  bytesAcknowledged: start.bytesAcknowledged + (kbps * 1000 * 10) / 8,
  busyMs: start.busyMs + busy * 10_000,
  ...more,
});
const judge = (after: Connection, renditions: readonly number[] = [1000, 3000]) =>
  judgeLines([start], [after], 10, renditions);
const slow = { network: "203.0.113.0/24", roundTripMs: 250, sentAgainPercent: 1, congestion: "cubic", kbps: 400 };

it.each<[claim: string, after: Connection, expected: Partial<ViewerLines>]>([
  [
    "always busy below the smallest rendition",
    later({ kbps: 400 }),
    { cannotKeepUp: [{ ...slow, limitedBy: "line" }] },
  ],
  [
    "the same, almost always busy",
    later({ kbps: 400, busy: 0.93 }),
    { cannotKeepUp: [{ ...slow, limitedBy: "line" }] },
  ],
  ["slow, but with pauses: nothing more to send", later({ kbps: 400, busy: 0.9 }), { withVideo: 1, cannotKeepUp: [] }],
  ["always busy above the best rendition", later({ kbps: 3100 }), { withVideo: 1, cannotKeepUp: [], belowBest: 0 }],
  ["between both", later({ kbps: 1500 }), { withVideo: 1, cannotKeepUp: [], belowBest: 1 }],
  [
    "stuck, with signs of life",
    later({ kbps: 0 }),
    { withVideo: 1, cannotKeepUp: [{ ...slow, kbps: 0, limitedBy: "line" }] },
  ],
  ["stuck, without", later({ kbps: 0, lastAcknowledgedMs: 10_500 }), { withVideo: 0, cannotKeepUp: [], gone: 1 }],
  ["a chat alone", later({ kbps: 3, busy: 0.05 }), { connections: 1, withVideo: 0, cannotKeepUp: [] }],
  [
    "a device that reads too slowly",
    later({ kbps: 400, receiverLimitedMs: 6_000 }),
    { cannotKeepUp: [{ ...slow, limitedBy: "receiver" }] },
  ],
  [
    "a new connection with the same ports",
    later({ bytesAcknowledged: 5, busyMs: 5 }),
    { connections: 1, withVideo: 0 },
  ],
  ["the same with fewer bytes alone", later({ bytesAcknowledged: 5 }), { connections: 1, withVideo: 0 }],
  ["the same with less work alone", later({ kbps: 400, busyMs: 5 }), { connections: 1, withVideo: 0 }],
  ["a new connection", later({ key: "other" }), { connections: 1, withVideo: 0 }],
  ["this host itself", later({ kbps: 400, address: "127.0.0.1" }), { connections: 0, fromThisHost: 1, withVideo: 0 }],
])("%s", (_, after, expected) => expect(judge(after)).toMatchObject(expected));

it("judges nobody while no stage is live", () => {
  expect(judge(later({ kbps: 400 }), [])).toMatchObject({ smallestKbps: null, withVideo: 1, cannotKeepUp: [] });
});

it("groups by round trip and congestion control, and puts the slowest first", () => {
  const named = (key: string, more: Partial<Connection>): [Connection, Connection] => [
    { ...start, key, ...more },
    { ...later({ kbps: Number(key) }), key, ...more },
  ];
  const pairs = [
    named("900", { roundTripMs: 260 }),
    named("5000", { roundTripMs: 20, congestion: "bbr", bytesSentAgain: 0 }),
    named("100", { roundTripMs: 320, address: "2001:db8::7" }),
    named("4000", { roundTripMs: 20, congestion: "bbr", bytesSentAgain: 0 }),
    named("4500", { roundTripMs: undefined, congestion: "bbr", bytesSentAgain: 0 }),
  ];
  const lines = judgeLines(
    pairs.map(([then]) => then),
    pairs.map(([, now]) => now),
    10,
    [1000, 3000],
  );
  expect(lines.cannotKeepUp.map(({ kbps, network }) => [kbps, network])).toEqual([
    [100, "2001:db8:0::/48"],
    [900, "203.0.113.0/24"],
  ]);
  expect(lines).toMatchObject({
    addresses: 2,
    congestion: { bbr: 3, cubic: 2 },
    distances: [
      { fromMs: 0, belowMs: 50, withVideo: 3, cannotKeepUp: 0, sentAgainPercent: 0 },
      { fromMs: 200, belowMs: 300, withVideo: 1, cannotKeepUp: 1, sentAgainPercent: 1 },
      { fromMs: 300, belowMs: null, withVideo: 1, cannotKeepUp: 1, sentAgainPercent: 1 },
    ],
  });
});
