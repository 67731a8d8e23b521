import type { FarLines, Measured } from "../../../src/rehearse/rehearsal-report.ts";

/** One value for all percentiles. */
export const same = (value: number) => ({ p50: value, p95: value, p99: value });

/** What a good stage's viewers measure. */
export const goodRehearsal: Measured = {
  ...{
    viewersCame: 20,
    viewersStarted: 20,
    startSeconds: same(0.4),
    watchedHours: 0.5,
    stalls: 0,
    stallsPerViewerHour: 0,
  },
  ...{ rebufferShare: 0, segmentShare: same(0.1), segmentWaitSeconds: same(0.01), playlistSeconds: same(0.01) },
  ...{ behindSeconds: same(9), connectSeconds: same(0.02), pageSeconds: undefined, chatSeconds: undefined },
  ...{ requests: 1000, errors: 0, errorShare: 0, errorKinds: [], playlists: 400, tornPlaylists: 0, segments: 300 },
  ...{ skippedSegments: 0, segmentEncodings: { none: 300 }, viewersByRendition: { "720p": 20 }, renditionChanges: 0 },
  ...{
    chatUsersJoined: 0,
    chatMessagesSent: 0,
    chatMessagesBack: 0,
    gigabytes: 1,
    mbpsMean: 50,
    mbpsMax: 60,
    mbpsNeeded: 50,
  },
};

/** Lines that did as asked. */
export const goodLines: FarLines = {
  asked: { roundTripMs: 250, lossPercent: 1, mbps: 20 },
  congestionControl: "bbr",
  did: { down: goodDirection(40_000), up: goodDirection(9000) },
};

function goodDirection(packets: number): FarLines["did"]["down"] {
  const lost = { lost: packets / 100, lossPercent: 1, dropped: 12 };
  return { packets, bytes: packets * 1000, ...lost, latePercent: 0.4, mostLateMs: 9, longestWaitMs: 31 };
}
