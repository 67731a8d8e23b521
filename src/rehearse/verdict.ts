import type { EarlyEnd, LimitCheck, Limits, Measured, RehearsalReport } from "./rehearsal-report.ts";

/** The limits without flags. */
export const defaultLimits: Limits = {
  startSeconds: 5,
  stallsPerViewerHour: 1,
  rebufferShare: 0.005,
  segmentShare: 0.75,
  behindSeconds: 40,
  errorShare: 0.001,
  tornShare: 0.001,
  // A few may be old ones from a cache, or Owncast's own clip when a stream ends.
  compressedShare: 0.25,
};

const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;
const share = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 2 : 0)} %`;
const plain = (value: number): string => value.toFixed(value < 10 ? 2 : 0);

interface Rule {
  readonly name: string;
  readonly text: (value: number) => string;
  readonly limit: (limits: Limits) => number;
  readonly measured: (measured: Measured) => number | undefined;
}

const rules: readonly Rule[] = [
  {
    name: "time to the first frame (p95)",
    text: seconds,
    limit: ({ startSeconds }) => startSeconds,
    measured: ({ startSeconds }) => startSeconds?.p95,
  },
  {
    name: "stalls per viewer-hour",
    text: plain,
    limit: ({ stallsPerViewerHour }) => stallsPerViewerHour,
    measured: ({ stallsPerViewerHour }) => stallsPerViewerHour,
  },
  {
    name: "stalled share of the time",
    text: share,
    limit: ({ rebufferShare }) => rebufferShare,
    measured: ({ rebufferShare }) => rebufferShare,
  },
  {
    name: "segment time of its length (p95)",
    text: share,
    limit: ({ segmentShare }) => segmentShare,
    measured: ({ segmentShare }) => segmentShare?.p95,
  },
  {
    name: "behind live (p95)",
    text: seconds,
    limit: ({ behindSeconds }) => behindSeconds,
    measured: ({ behindSeconds }) => behindSeconds?.p95,
  },
  {
    name: "failed requests",
    text: share,
    limit: ({ errorShare }) => errorShare,
    measured: ({ errorShare }) => errorShare,
  },
  {
    name: "torn playlists",
    text: share,
    limit: ({ tornShare }) => tornShare,
    measured: ({ playlists, tornPlaylists }) => (playlists === 0 ? undefined : tornPlaylists / playlists),
  },
  {
    name: "segments compressed again",
    text: share,
    limit: ({ compressedShare }) => compressedShare,
    measured: ({ segments, segmentEncodings: { none = 0 } }) =>
      segments === 0 ? undefined : (segments - none) / segments,
  },
];

// Messages that are on their way when the rehearsal ends.
const mostMissingMessages = 0.05;

/** The chat has no flags: all join, and messages come back. */
function checkChat({ chatUsersJoined, chatMessagesSent, chatMessagesBack }: Measured, wanted: number): LimitCheck[] {
  const joined = chatUsersJoined >= wanted;
  const missing = chatMessagesSent - chatMessagesBack;
  const allowed = Math.max(1, Math.floor(chatMessagesSent * mostMissingMessages));
  return [
    {
      ...{ name: "chat users who are in the chat", measured: `${chatUsersJoined} of ${wanted}`, limit: "all" },
      outcome: joined ? "passed" : "failed",
    },
    {
      ...{
        name: "chat messages that did not come back",
        measured: `${missing} of ${chatMessagesSent}`,
        limit: `${allowed}`,
      },
      outcome: chatMessagesSent === 0 ? "not-measured" : missing <= allowed ? "passed" : "failed",
    },
  ];
}

/**
 * Compares each measure with its limit. A rehearsal in which nobody saw a frame fails, whatever else it measured. `chatUsers`: how
 * many were to join the chat.
 */
export function checkLimits(measured: Measured, limits: Limits, chatUsers = 0): LimitCheck[] {
  const { viewersCame, viewersStarted } = measured;
  const missing = viewersCame - viewersStarted;
  const nobody: LimitCheck = {
    name: "viewers who saw a frame",
    measured: `0 of ${viewersCame}`,
    limit: "all",
    outcome: "failed",
  };
  const checks = rules.map(({ name, text, limit, measured: read }): LimitCheck => {
    const value = read(measured);
    const most = limit(limits);
    if (value === undefined) return { name, measured: "–", limit: text(most), outcome: "not-measured" };
    return { name, measured: text(value), limit: text(most), outcome: value <= most ? "passed" : "failed" };
  });
  const chat = chatUsers > 0 ? checkChat(measured, chatUsers) : [];
  return [...(missing === viewersCame ? [nobody] : []), ...checks, ...chat];
}

/** The verdict, from the checks and from what kept the rehearsal from being one. */
export function verdictOf(
  checks: readonly LimitCheck[],
  { earlyEnd, spoiltBy }: { readonly earlyEnd?: EarlyEnd | undefined; readonly spoiltBy: readonly string[] },
): RehearsalReport["verdict"] {
  if (earlyEnd && earlyEnd.kind !== "stream-ended") return "unfinished";
  if (spoiltBy.length > 0) return "spoilt";
  return earlyEnd || checks.some(({ outcome }) => outcome === "failed") ? "failed" : "passed";
}
