import type { Shares } from "./choose-rendition.ts";
import type { Percentiles } from "./histogram.ts";
import type { LineReport } from "./link.ts";
import type { Link } from "./link-option.ts";
import type { OwnMachineReport } from "./machine.ts";
import type { Point } from "./series.ts";
import type { Outage } from "./stage-watch.ts";

/** What a good rehearsal stays within. */
export interface Limits {
  /** The 95th percentile of the time to the first frame, in seconds. */
  readonly startSeconds: number;
  readonly stallsPerViewerHour: number;
  /** Stalled time as a share of the watched time. */
  readonly rebufferShare: number;
  /** The 95th percentile of a segment's download time as a share of its length. */
  readonly segmentShare: number;
  /** The 95th percentile of the distance behind live, in seconds. */
  readonly behindSeconds: number;
  /** Failed requests as a share of all. */
  readonly errorShare: number;
  /** Torn playlists as a share of all playlists. */
  readonly tornShare: number;
  /** Segments that the server compressed again as a share of all segments. */
  readonly compressedShare: number;
}

/** What was rehearsed. */
export interface RehearsalPlan {
  readonly url: string;
  /** As the stage calls itself; undefined if it has no name. Anybody's text. */
  readonly stageName: string | undefined;
  /** The part of the stage's Alt-Svc header that offers HTTP/3; undefined if it offers none. */
  readonly http3Offer?: string | undefined;
  readonly viewers: number;
  readonly durationSeconds: number;
  readonly rampSeconds: number;
  /** The split over the renditions; undefined if viewers adapt. */
  readonly split: Shares | undefined;
  readonly encodings: Shares;
  /** The share of the viewers who load the page first. */
  readonly pageShare: number;
  readonly chatUsers: number;
}

/** The lines to viewers far away. */
export interface FarLines {
  /** Each viewer's own. */
  readonly asked: Link;
  /** The congestion control of this machine's kernel, such as `bbr`; undefined if it does not say. */
  readonly congestionControl: string | undefined;
  /** What all lines together did. */
  readonly did: LineReport;
}

/** What the viewers measured. Shares are parts of 1. A measure without values is undefined. */
export interface Measured {
  readonly viewersCame: number;
  readonly viewersStarted: number;
  /** Includes, with the time that they have waited so far, viewers who have seen no frame. */
  readonly startSeconds: Percentiles | undefined;
  readonly watchedHours: number;
  readonly stalls: number;
  readonly stallsPerViewerHour: number | undefined;
  readonly rebufferShare: number | undefined;
  readonly segmentShare: Percentiles | undefined;
  readonly segmentWaitSeconds: Percentiles | undefined;
  readonly playlistSeconds: Percentiles | undefined;
  readonly behindSeconds: Percentiles | undefined;
  readonly connectSeconds: Percentiles | undefined;
  readonly pageSeconds: Percentiles | undefined;
  readonly chatSeconds: Percentiles | undefined;
  readonly requests: number;
  readonly errors: number;
  readonly errorShare: number | undefined;
  /** By what the requests were for and why they failed, the most frequent first. */
  readonly errorKinds: readonly { readonly kind: string; readonly count: number }[];
  readonly playlists: number;
  readonly tornPlaylists: number;
  readonly segments: number;
  readonly skippedSegments: number;
  /** Segments by their Content-Encoding, `none` for plain ones. */
  readonly segmentEncodings: Readonly<Record<string, number>>;
  readonly viewersByRendition: Readonly<Record<string, number>>;
  readonly renditionChanges: number;
  readonly chatUsersJoined: number;
  readonly chatMessagesSent: number;
  readonly chatMessagesBack: number;
  readonly gigabytes: number;
  /** Received while all viewers were there: the mean, and the best second. */
  readonly mbpsMean: number | undefined;
  readonly mbpsMax: number;
  /** What all viewers need to play without a stall, by the size of the segments that came. */
  readonly mbpsNeeded: number | undefined;
}

/** One check of the verdict. */
export interface LimitCheck {
  readonly name: string;
  /** As people read it, with its unit; `–` for a measure without values. */
  readonly measured: string;
  readonly limit: string;
  readonly outcome: "passed" | "failed" | "not-measured";
}

/** Why the rehearsal ended before its time. */
export interface EarlyEnd {
  readonly kind: "interrupted" | "stream-ended" | "not-allowed" | "unreachable";
  readonly message: string;
  readonly remedy?: string | undefined;
}

/** A cause that was seen, with what to do about it. */
export interface Cause {
  readonly message: string;
  readonly remedy: string;
}

/** Everything about one rehearsal. */
export interface RehearsalReport {
  readonly plan: RehearsalPlan;
  /** How long it ran. */
  readonly ranSeconds: number;
  readonly measured: Measured;
  readonly machine: OwnMachineReport;
  /** Undefined without `--link`. */
  readonly lines?: FarLines | undefined;
  readonly limits: Limits;
  readonly checks: readonly LimitCheck[];
  readonly causes: readonly Cause[];
  readonly outages: readonly Outage[];
  readonly earlyEnd?: EarlyEnd | undefined;
  /**
   * `spoilt`: this machine was the limit, so nothing is judged. `unfinished`: it ended before its time for a reason that is not
   * the stage's, so nothing is judged.
   */
  readonly verdict: "passed" | "failed" | "spoilt" | "unfinished";
  readonly series: readonly Point[];
}
