import { Histogram } from "./histogram.ts";

/** What a request was for. */
export type Purpose = "page" | "playlist" | "segment" | "status" | "ping" | "metrics" | "chat";

const mostKinds = 40;
// Reports show it on a terminal.
const encodingName = /^[\w-]{1,20}$/;

/** Everything that the viewers count together. Its size does not depend on their number. */
export class Tally {
  /** From a viewer's first request for the video to the first frame. */
  readonly startSeconds = new Histogram();
  /** A segment's download time as a share of its length: above 1, the buffer drains. */
  readonly segmentShare = new Histogram();
  /** The same since the last point of the time series. */
  readonly recentSegmentShare = new Histogram();
  /** How long a segment's response took to begin, in seconds. */
  readonly segmentWaitSeconds = new Histogram();
  readonly playlistSeconds = new Histogram();
  readonly behindSeconds = new Histogram();
  readonly connectSeconds = new Histogram();
  readonly pageSeconds = new Histogram();
  readonly chatSeconds = new Histogram();
  readonly requests = new Map<Purpose, number>();
  /** Failed requests by what they were for and why. */
  readonly errors = new Map<string, number>();
  /** Segments by their Content-Encoding; none counts as "". */
  readonly segmentEncodings = new Map<string, number>();
  readonly viewersByRendition = new Map<string, number>();
  errorCount = 0;
  bytes = 0;
  segments = 0;
  segmentBytes = 0;
  /** The length of all loaded segments. */
  videoSeconds = 0;
  playlists = 0;
  tornPlaylists = 0;
  /** Stalls that have ended; those that last come from the buffers. */
  stalls = 0;
  skippedSegments = 0;
  renditionChanges = 0;
  /** Those in the chat now. */
  chatUsers = 0;
  chatMessagesSent = 0;
  chatMessagesBack = 0;

  asked(purpose: Purpose): void {
    this.requests.set(purpose, (this.requests.get(purpose) ?? 0) + 1);
  }

  get requestCount(): number {
    return [...this.requests.values()].reduce((total, count) => total + count, 0);
  }

  failed(purpose: Purpose, reason: string): void {
    this.errorCount += 1;
    const kind = `${purpose}: ${reason}`;
    const name = this.errors.has(kind) || this.errors.size < mostKinds ? kind : "other";
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
  }

  /** The encoding comes from outside: only a few are told apart. */
  segmentCame(encoding: string | undefined, bytes: number, durationSeconds: number): void {
    this.segments += 1;
    this.segmentBytes += bytes;
    this.videoSeconds += durationSeconds;
    const name =
      encoding === undefined || encoding === "identity" ? "" : encodingName.test(encoding) ? encoding : "other";
    const known = this.segmentEncodings.has(name) || this.segmentEncodings.size < 8 ? name : "other";
    this.segmentEncodings.set(known, (this.segmentEncodings.get(known) ?? 0) + 1);
  }
}
