import { leastTrail } from "../../lib/captions-tracks.ts";
import { reasonOf } from "../../lib/error-cause.ts";
import type { FaultLog } from "../../lib/fault-log.ts";
import { BoundedWords } from "./bounded-words.ts";
import { CaptionFiles } from "./caption-files.ts";
import type { Cue, CueMaker } from "./cues.ts";
import { dueMs, isHurried, isTooLate, type ListedSince } from "./deadline.ts";
import type { CaptionSource, Committed, Segment } from "./source.ts";
import { TrackDelays, type TrackFigures } from "./track-figures.ts";
import { TrailJudge } from "./trail-judge.ts";
import type { VttFolder } from "./vtt-folder.ts";

/** A segment as the service has placed it. */
export interface PlacedSegment {
  readonly segment: Segment;
  /** Its first frame's timestamp, in 1/90000 s; undefined if nobody knows. */
  readonly firstPts: number | undefined;
  /** When it was listed, on the monotonic clock. */
  readonly listedMs: number;
}

/** Faults that a track outlasts. */
export const trackFaults = {
  commit: { failed: "cannot make captions", works: "makes captions again" },
  files: { failed: "cannot write caption files", works: "writes caption files again" },
} as const;

/** Where a track's cues go beside the player: one for each session. Its methods never reject. */
export interface CueKeeper {
  add(cues: readonly Cue[]): Promise<void>;
  /** `signal`: no more time for a disk that is full. */
  close(signal?: AbortSignal): Promise<void>;
}

export interface TrackOptions {
  readonly language: string;
  readonly name: string;
  readonly source: CaptionSource;
  readonly makeCues: () => CueMaker;
  readonly folder: VttFolder;
  readonly faults: FaultLog<keyof typeof trackFaults>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

// A source far behind: after so many segments the oldest is committed at once.
const mostWaiting = 60;
// A source that is back first hears what has waited for it: ten seconds of sound at most.
const catchUpMs = 10_000;
const nothingListed: ListedSince = new Map();

/** One track: gives each segment to its source, and commits it when it is settled or at its deadline. Its methods never throw. */
export class Track {
  readonly language: string;
  readonly name: string;
  readonly source: CaptionSource;
  readonly #options: TrackOptions;
  readonly #judge = new TrailJudge();
  readonly #delays = new TrackDelays();
  readonly #files: CaptionFiles;
  readonly #listeners: ((committed: Committed) => void)[] = [];
  #waiting: PlacedSegment[] = [];
  #cues: CueMaker;
  #transcript: CueKeeper | undefined;
  /** Cues of segments that an earlier run of the service has committed already. */
  #earlier = new Set<string>();
  #bounded = new BoundedWords();
  #heardEnd = 0;
  #awayMs = Number.NEGATIVE_INFINITY;
  #listed = nothingListed;
  #trail = leastTrail;

  constructor(options: TrackOptions) {
    this.language = options.language;
    this.name = options.name;
    this.source = options.source;
    this.#options = options;
    this.#files = new CaptionFiles(options.folder);
    this.#cues = options.makeCues();
  }

  /** Calls back with each committed segment, before its captions are written. */
  onCommitted(listener: (committed: Committed) => void): void {
    this.#listeners.push(listener);
  }

  /** The session's transcript, from now on. */
  record(transcript: CueKeeper | undefined): void {
    this.#transcript = transcript;
  }

  /** The next segment. */
  hear(placed: PlacedSegment, pcm: Buffer): void {
    this.#waiting.push(placed);
    this.#heardEnd = placed.segment.end;
    this.#guard("commit", () => this.source.hear(placed.segment, pcm));
  }

  /** Commits what is due. `trail`: a segment's captions must be there before so many newer ones are listed. */
  tick(trail: number, listed: ListedSince = nothingListed): void {
    this.#trail = trail;
    this.#listed = listed;
    if (!this.source.isReady) this.#awayMs = this.#options.now();
    if (this.#options.now() - this.#awayMs < catchUpMs) this.#judge.excuse(this.#heardEnd);
    for (let next = this.#waiting[0]; next && this.#isDue(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#commit(next);
      this.#writeFiles();
    }
    this.#writeFiles();
  }

  /** Whether every segment is committed. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Commits what waits, due or not: the next stream has begun already. */
  commitAll(): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#commit(next);
    this.#writeFiles();
  }

  /** The stream is over, and all is committed: writes what still waits into the transcript, and closes it. */
  async endSession(signal?: AbortSignal): Promise<void> {
    this.#guard("commit", () => this.source.endSession?.());
    const transcript = this.#transcript;
    const rest = this.#guard("commit", () => this.#cues.finish()) ?? [];
    this.#transcript = undefined;
    this.#cues = this.#options.makeCues();
    this.#files.restart();
    this.#bounded = new BoundedWords();
    void transcript?.add(rest);
    await transcript?.close(signal);
  }

  /** Whether players should wait longer for this track. */
  needsMoreTrail(): boolean {
    return this.#judge.isTooShort();
  }

  sweep(listed: ReadonlySet<string>): void {
    this.#guard("files", () => this.#files.sweep(listed, this.#options.now()));
  }

  get figures(): TrackFigures {
    const { over17Share, over25Share } = this.#cues.reading;
    const late = { lateWords: this.#judge.lateWords, lateSegments: this.#files.lateCount };
    return { ...this.#delays.figures, ...late, over17Share, over25Share };
  }

  #isDue(placed: PlacedSegment): boolean {
    if (this.#waiting.length > mostWaiting) return true;
    if (this.#options.now() >= dueMs(placed, this.#waiting, this.#trail, this.#listed)) return true;
    return (this.#guard("commit", () => this.source.settled()) ?? 0) >= placed.segment.end;
  }

  #commit(placed: PlacedSegment): void {
    const { segment, firstPts, listedMs } = placed;
    const nowMs = this.#options.now();
    const words = this.#bounded.take(this.#guard("commit", () => this.source.commit(segment)) ?? []);
    if (this.#bounded.lost > 0) this.#fail("commit", new Error("more words came than anybody can say"));
    this.#bounded.lost = 0;
    this.#judge.committed(segment, words, !isHurried(placed, this.#waiting, nowMs));
    this.#delays.committed({ segment, words }, nowMs - listedMs);
    for (const listener of this.#listeners) this.#guard("commit", () => listener({ segment, words }));
    const nextIsContinuous = this.#waiting[0]?.segment.discontinuity !== true;
    const cues = this.#guard("commit", () => this.#cues.cuesOf({ segment, words }, nextIsContinuous)) ?? [];
    // Its transcript has what was said in them.
    if (this.#files.has(segment)) this.#earlier = new Set(cues.map(({ id }) => id));
    const fresh = cues.filter(({ id }) => !this.#earlier.has(id));
    this.#guard("commit", () => this.#files.add(segment, cues, firstPts));
    this.#guard("commit", () => void this.#transcript?.add(fresh));
  }

  #writeFiles(): void {
    if (this.#files.isWritten) return;
    const nowMs = this.#options.now();
    try {
      this.#files.write((file) => isTooLate(file, this.#trail, this.#listed, nowMs));
      this.#options.faults.worked("files", nowMs);
    } catch (error) {
      this.#fail("files", error);
    }
  }

  /** A fault of one segment must not end the track, and one of a track not the others. */
  #guard<T>(kind: keyof typeof trackFaults, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#fail(kind, error);
      return undefined;
    }
  }

  #fail(kind: keyof typeof trackFaults, error: unknown): void {
    this.#options.faults.failed(kind, `${reasonOf(error)}; the stream goes on without them`, this.#options.now());
  }
}
