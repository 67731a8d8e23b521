import { reasonOf } from "../../lib/error-cause.ts";
import type { FaultLog } from "../../lib/fault-log.ts";
import type { Cue, CueMaker } from "./cues.ts";
import { Delays } from "./delays.ts";
import type { CaptionSource, Committed, Segment, TimedWord } from "./source.ts";
import { TrailJudge } from "./trail-judge.ts";
import { VttMaker } from "./vtt.ts";
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
  close(): Promise<void>;
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

/** What a track has done, for an operator. */
export interface TrackFigures {
  readonly words: number;
  /** Words that came after the deadline of their own segment. */
  readonly lateWords: number;
  readonly segments: number;
  /** From the moment a segment is listed to its captions. */
  readonly commitSeconds: { readonly p50: number | undefined; readonly p95: number | undefined };
  /** From the moment a word could be heard by a player at the live edge to its caption. */
  readonly wordSeconds: { readonly p50: number | undefined; readonly p95: number | undefined };
  readonly over17Share: number;
  readonly over25Share: number;
}

// While the disk is full, so many files wait for room.
const mostUnwritten = 20;
// A source far behind: after so many segments the oldest is committed at once.
const mostWaiting = 60;

/** One track: gives each segment to its source, and commits it when it is settled or at its deadline. Its methods never throw. */
export class Track {
  readonly language: string;
  readonly name: string;
  readonly source: CaptionSource;
  readonly #options: TrackOptions;
  readonly #judge = new TrailJudge();
  readonly #commitDelays = new Delays();
  readonly #wordDelays = new Delays();
  readonly #listeners: ((committed: Committed) => void)[] = [];
  #waiting: PlacedSegment[] = [];
  #unwritten: { readonly name: string; readonly text: string }[] = [];
  #cues: CueMaker;
  #vtt = new VttMaker();
  #transcript: CueKeeper | undefined;
  #words = 0;

  constructor(options: TrackOptions) {
    this.language = options.language;
    this.name = options.name;
    this.source = options.source;
    this.#options = options;
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
    this.#guard("commit", () => this.source.hear(placed.segment, pcm));
  }

  /** Commits what is due. `trail`: a segment's captions must be there before so many newer ones are listed. */
  tick(trail: number): void {
    for (let next = this.#waiting[0]; next && this.#isDue(next, trail); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#commit(next);
      this.#writeAgain();
    }
    this.#writeAgain();
  }

  /** Whether every segment is committed. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Commits what waits, due or not: the next stream has begun already. */
  commitAll(): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#commit(next);
    this.#writeAgain();
  }

  /** The stream is over, and all is committed: writes what still waits into the transcript, and closes it. */
  async endSession(): Promise<void> {
    this.#guard("commit", () => this.source.endSession?.());
    const transcript = this.#transcript;
    const rest = this.#guard("commit", () => this.#cues.finish()) ?? [];
    this.#transcript = undefined;
    this.#cues = this.#options.makeCues();
    this.#vtt = new VttMaker();
    void transcript?.add(rest);
    await transcript?.close();
  }

  /** Whether players should wait longer for this track. */
  needsMoreTrail(): boolean {
    return this.#judge.isTooShort();
  }

  sweep(listed: ReadonlySet<string>): void {
    const names = new Set([...listed].map(vttName));
    this.#guard("files", () => this.#options.folder.sweep(names, this.#options.now()));
  }

  get figures(): TrackFigures {
    const { over17Share, over25Share } = this.#cues.reading;
    const spread = (delays: Delays) => ({ p50: delays.quantile(0.5), p95: delays.quantile(0.95) });
    return {
      words: this.#words,
      lateWords: this.#judge.lateWords,
      segments: this.#commitDelays.count,
      commitSeconds: spread(this.#commitDelays),
      wordSeconds: spread(this.#wordDelays),
      over17Share,
      over25Share,
    };
  }

  #isDue({ segment, listedMs }: PlacedSegment, trail: number): boolean {
    if (this.#waiting.length > mostWaiting) return true;
    const deadlineMs = listedMs + deadlineSeconds(segment, trail) * 1000;
    if (this.#options.now() >= deadlineMs) return true;
    return (this.#guard("commit", () => this.source.settled()) ?? 0) >= segment.end;
  }

  #commit(placed: PlacedSegment): void {
    const { segment } = placed;
    const words = this.#guard("commit", () => this.source.commit(segment)) ?? [];
    this.#measure(placed, words);
    for (const listener of this.#listeners) this.#guard("commit", () => listener({ segment, words }));
    const nextIsContinuous = this.#waiting[0]?.segment.discontinuity !== true;
    const cues = this.#guard("commit", () => this.#cues.cuesOf({ segment, words }, nextIsContinuous)) ?? [];
    this.#write(placed, cues);
    this.#guard("commit", () => void this.#transcript?.add(cues));
  }

  #measure({ segment, listedMs }: PlacedSegment, words: readonly TimedWord[]): void {
    const nowMs = this.#options.now();
    this.#words += words.length;
    this.#judge.committed(segment, words);
    this.#commitDelays.add((nowMs - listedMs) / 1000);
    for (const { end } of words) this.#wordDelays.add((nowMs - listedMs) / 1000 + segment.end - end);
  }

  #write({ segment, firstPts }: PlacedSegment, cues: readonly Cue[]): void {
    const name = vttName(segment.file);
    // Without the timestamp nobody knows where the cues belong.
    const shown = firstPts === undefined ? [] : cues;
    const text = this.#guard("commit", () => this.#vtt.textOf(shown, segment, firstPts ?? 0));
    // Players fetch a file once: one of an earlier run stays.
    if (text === undefined || this.#options.folder.has(name)) return;
    this.#unwritten.push({ name, text });
    if (this.#unwritten.length > mostUnwritten) this.#unwritten.shift();
  }

  #writeAgain(): void {
    const [first] = this.#unwritten;
    if (!first) return;
    try {
      for (let next = this.#unwritten[0]; next; next = this.#unwritten[0]) {
        this.#options.folder.write(next.name, next.text);
        this.#unwritten.shift();
      }
      this.#options.faults.worked("files", this.#options.now());
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

/** Time after a segment is listed at which its captions are committed: before the segment is listed that lets players ask for them. */
export const deadlineSeconds = ({ start, end }: Segment, trail: number): number => (trail - 0.3) * (end - start);

const vttName = (file: string): string => file.replace(/\.ts$/, ".vtt");
