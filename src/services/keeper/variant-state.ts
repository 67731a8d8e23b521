/** A segment in an answer. */
export interface KeptSegment {
  /** The variant of Owncast's that it comes from; another than the one that it is listed in when a ladder has become shorter. */
  readonly input: number;
  readonly uri: string;
  readonly durationSeconds: number;
  readonly tags: readonly string[];
  /** Its media sequence number in our answers. */
  readonly sequence: number;
  /** Which session of the stage it comes from, counted from 0: its discontinuity sequence number. */
  readonly ordinal: number;
  /** Whether another session lies before it. */
  readonly discontinuity: boolean;
}

/** What is answered for one variant, and what is needed to go on. Plain data, for it outlives the process. */
export interface VariantState {
  /**
   * `silent`: nothing was ever there. `live`: pictures come. `held`: the publisher is lost and may come back, the answer
   * stands still. `ended`: he did not, the answer says so.
   */
  readonly phase: "silent" | "live" | "held" | "ended";
  /** When the publisher was lost, in ms on the monotonic clock; only while held. */
  readonly heldSinceMs?: number;
  /** Since when what Owncast says cannot be read, in ms on the monotonic clock; only when the grace is over. */
  readonly tornSinceMs?: number;
  /** When a segment of a session was taken up last, in ms on the monotonic clock; 0 before the first. */
  readonly newestMs: number;
  /** Oldest first, without a gap in their sequence numbers. */
  readonly segments: readonly KeptSegment[];
  readonly nextSequence: number;
  readonly lastOrdinal: number;
  /** In whole seconds: that of the longest segment listed. */
  readonly targetDuration: number;
  /** As many as Owncast listed at most; so many are answered over a reconnect too. */
  readonly windowSegments: number;
  /** The session that is listed last, and what to add to Owncast's sequence numbers to get ours. */
  readonly session?: { readonly name: string; readonly offset: number };
}

/** Of a variant of which nothing was heard yet. */
export const silent: VariantState = {
  phase: "silent",
  newestMs: 0,
  segments: [],
  nextSequence: 0,
  lastOrdinal: -1,
  targetDuration: 0,
  windowSegments: 0,
};

/** Whether pictures come, or the publisher is waited for. */
export const isOn = ({ phase }: VariantState): boolean => phase === "live" || phase === "held";

/** That of the longest segment listed, in whole seconds: once a long one is listed no more, players are as near as before (ADR 0027). */
export const targetDurationOf = (segments: readonly KeptSegment[]): number =>
  Math.max(1, ...segments.map(({ durationSeconds }) => Math.round(durationSeconds)));
