import { type Connection, isLoopback, networkOf } from "./viewer-connections.ts";

/** A connection that cannot keep up. */
export interface SlowViewer {
  /** Never the whole address. */
  readonly network: string;
  readonly roundTripMs: number | undefined;
  /** The share of the sent bytes that were sent again, since the connection began. */
  readonly sentAgainPercent: number;
  readonly congestion: string | undefined;
  /** What arrived while Lectern looked. */
  readonly kbps: number;
  /** `receiver`: the viewer's own device reads too slowly. */
  readonly limitedBy: "line" | "receiver";
}

/** Connections whose shortest round trip is in a range. */
export interface Distance {
  readonly fromMs: number;
  /** Null: no limit. */
  readonly belowMs: number | null;
  readonly withVideo: number;
  readonly cannotKeepUp: number;
  readonly sentAgainPercent: number;
}

/** What a host's TCP connections tell of its viewers. */
export interface ViewerLines {
  /** How long Lectern looked. */
  readonly seconds: number;
  /** Connections from other machines. */
  readonly connections: number;
  /** From how many addresses they come. */
  readonly addresses: number;
  /** Connections from this host itself: a probe, or a proxy or tunnel that runs here. */
  readonly fromThisHost: number;
  /** Connections that got video while Lectern looked, or should have got some. The fields below count only these. */
  readonly withVideo: number;
  /** The bitrate that decides; null if no stage is live, or if the bitrate is not known. */
  readonly smallestKbps: number | null;
  readonly bestKbps: number | null;
  /** Always busy, and slower than the smallest rendition. The slowest first. */
  readonly cannotKeepUp: readonly SlowViewer[];
  /** Always busy, and slower than the best rendition: their players show a smaller one. */
  readonly belowBest: number;
  /** Always busy, and silent: their devices are gone, and the connections have yet to end. */
  readonly gone: number;
  /** Number of connections by congestion control. */
  readonly congestion: Readonly<Record<string, number>>;
  readonly distances: readonly Distance[];
}

// Measured: a viewer who keeps up waits for the next segment for more than this rest of the time (docs/viewers.md).
const busyShare = 0.93;
// Status requests, chat and pings of a page stay far below this.
const videoKbps = 100;
const distancesMs = [0, 50, 100, 200, 300] as const;

/** Compares two looks at the connections. Pure. `renditionsKbps`: of the stages that are live; empty if none is, or if they are not known. */
export function judgeLines(
  before: readonly Connection[],
  after: readonly Connection[],
  seconds: number,
  renditionsKbps: readonly number[],
): ViewerLines {
  const earlier = new Map(before.map((one) => [one.key, one]));
  const remote = after.filter(({ address }) => !isLoopback(address));
  const seen = remote.flatMap((now) => seenLine(earlier.get(now.key), now, seconds) ?? []);
  const gone = seen.filter((line) => line.isBusy && line.kbps === 0 && line.now.lastAcknowledgedMs >= seconds * 1000);
  const watching = seen.filter((line) => (line.kbps >= videoKbps || line.isBusy) && !gone.includes(line));
  const [smallest, best] =
    renditionsKbps.length > 0 ? [Math.min(...renditionsKbps), Math.max(...renditionsKbps)] : [null, null];
  const isBelow = ({ isBusy, kbps }: SeenLine, wanted: number | null) => wanted !== null && isBusy && kbps < wanted;
  const slow = watching.filter((line) => isBelow(line, smallest));
  return {
    seconds,
    connections: remote.length,
    addresses: new Set(remote.map(({ address }) => address)).size,
    fromThisHost: after.length - remote.length,
    withVideo: watching.length,
    smallestKbps: smallest,
    bestKbps: best,
    cannotKeepUp: slow.map(slowViewer).sort((one, other) => one.kbps - other.kbps),
    belowBest: watching.filter((line) => isBelow(line, best)).length - slow.length,
    gone: gone.length,
    congestion: countBy(watching.map(({ now }) => now.congestion ?? "unknown")),
    distances: distancesMs.flatMap((fromMs, index) => {
      const belowMs = distancesMs[index + 1] ?? null;
      const within = watching.filter(
        ({ now: { roundTripMs = 0 } }) => roundTripMs >= fromMs && (belowMs === null || roundTripMs < belowMs),
      );
      if (within.length === 0) return [];
      const cannotKeepUp = within.filter((line) => slow.includes(line)).length;
      return [
        {
          fromMs,
          belowMs,
          withVideo: within.length,
          cannotKeepUp,
          sentAgainPercent: sentAgain(within.map(({ now }) => now)),
        },
      ];
    }),
  };
}

interface SeenLine {
  readonly now: Connection;
  readonly kbps: number;
  readonly isBusy: boolean;
  readonly isReceiverSlow: boolean;
}

/** What a connection did between two looks; undefined if it is new, or another one with the same ports. */
function seenLine(then: Connection | undefined, now: Connection, seconds: number): SeenLine | undefined {
  if (!then || now.bytesAcknowledged < then.bytesAcknowledged || now.busyMs < then.busyMs) return undefined;
  const busyMs = now.busyMs - then.busyMs;
  return {
    now,
    kbps: ((now.bytesAcknowledged - then.bytesAcknowledged) * 8) / 1000 / seconds,
    isBusy: busyMs >= busyShare * seconds * 1000,
    isReceiverSlow: now.receiverLimitedMs - then.receiverLimitedMs > busyMs / 2,
  };
}

const slowViewer = ({ now, kbps, isReceiverSlow }: SeenLine): SlowViewer => ({
  network: networkOf(now.address),
  roundTripMs: now.roundTripMs,
  sentAgainPercent: sentAgain([now]),
  congestion: now.congestion,
  kbps: Math.round(kbps),
  limitedBy: isReceiverSlow ? "receiver" : "line",
});

/** In percent, with two decimals. */
function sentAgain(connections: readonly Connection[]): number {
  const sum = (value: (one: Connection) => number) => connections.reduce((total, one) => total + value(one), 0);
  const sent = sum(({ bytesSent }) => bytesSent);
  return sent === 0 ? 0 : Math.round((sum(({ bytesSentAgain }) => bytesSentAgain) / sent) * 10_000) / 100;
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}
