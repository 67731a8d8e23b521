/**
 * A time on the stage's own axis, in seconds. The first segment that the service follows starts at 0, and each next one where the one
 * before it ends, over losses of the publisher too. So every moment of the picture has one stage time, and times never run back.
 */
export type StageSeconds = number;

/** A word, or a group of letters in a language without spaces. */
export interface TimedWord {
  readonly text: string;
  readonly start: StageSeconds;
  readonly end: StageSeconds;
}

/** One listed segment of the followed rendition. */
export interface Segment {
  /** File name without folder, as in the playlist: `stream-<session>-<number>.ts`. */
  readonly file: string;
  readonly start: StageSeconds;
  readonly end: StageSeconds;
  /** EXT-X-PROGRAM-DATE-TIME, in ms since the epoch: when its first frame was made. Undefined without a date. */
  readonly madeAtMs: number | undefined;
  /** Whether timestamps may jump at its start: another connection of the publisher. */
  readonly discontinuity: boolean;
}

/** Where a track's words come from. One for each track; it lives as long as the service. Its methods never throw. */
export interface CaptionSource {
  /** Whether words that are said now can become captions. While it is false, players are not offered the track. */
  readonly isReady: boolean;
  /** Why it is not ready, for the operator; undefined while it is. */
  readonly fault: string | undefined;
  /** Every segment as it is listed, in order. `pcm` is its sound: 16 kHz, mono, signed 16 bit, little-endian, exactly the segment's length. */
  hear(segment: Segment, pcm: Buffer): void;
  /** Nothing before this time will change or come any more. A segment that ends before it is committed at once. */
  settled(): StageSeconds;
  /**
   * The words of a segment, final from now on. Asked once for each segment, in order: at the deadline, or earlier once they are settled.
   * Words that come later for a time that is committed are not lost: they are part of the next answer.
   */
  commit(segment: Segment): readonly TimedWord[];
  /** The stream is over, and all its segments are committed. Whatever is left of it must never be part of the next stream. */
  endSession?(): void;
  stop(): Promise<void>;
}

/** What a track has committed, for translations of it and for the transcript. */
export interface Committed {
  readonly segment: Segment;
  readonly words: readonly TimedWord[];
}
