import { setTimeout as sleep } from "node:timers/promises";
import { leastTrail, mostTrail, writeTracks } from "../../lib/captions-tracks.ts";
import { fileFault } from "../../lib/error-cause.ts";
import type { FaultLog } from "../../lib/fault-log.ts";
import { type ListedSince, listedSince } from "./deadline.ts";
import type { ListedSegment } from "./listed-segments.ts";
import { newSession, readSession, type Session, writeSession } from "./session-file.ts";
import type { Segment } from "./source.ts";
import type { CueKeeper, PlacedSegment, Track } from "./track.ts";
import type { VttFolder } from "./vtt-folder.ts";

const mostEndMs = 1000;

/** Faults that the stage's captions outlast. */
export const stageFaults = {
  tracks: { failed: "cannot tell the keeper its tracks", works: "tells the keeper its tracks again" },
  session: { failed: "cannot keep the session", works: "keeps the session again" },
} as const;

/** A track with what belongs to it alone. */
export interface StageTrack {
  readonly track: Track;
  readonly folder: VttFolder;
}

/** A session of one track. */
export interface TrackSession {
  readonly language: string;
  readonly sessionId: string;
  /** Its start in stage time; below 0 if this service began later. */
  readonly sessionStart: number;
}

export interface CaptionStageOptions {
  readonly captionsDir: string;
  readonly tracks: readonly StageTrack[];
  readonly faults: FaultLog<keyof typeof stageFaults>;
  /** Opens a session's transcript. Undefined: there are none. */
  readonly openTranscript?: ((session: TrackSession) => CueKeeper) | undefined;
  readonly say: (line: string) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** All tracks of a stage: their session, their trail, and what the keeper is told. Its methods never throw. */
export class CaptionStage {
  readonly #options: CaptionStageOptions;
  #trail = leastTrail;
  #session: Session | undefined;
  /** The stream is over, and not all is committed. */
  #isEnding = false;
  /** Resolves when the last session's files are closed. */
  #ended: Promise<unknown> = Promise.resolve();
  #listed: ListedSince = new Map();
  readonly #stopping = new AbortController();

  constructor(options: CaptionStageOptions) {
    this.#options = options;
  }

  /** A segment's captions are there before so many newer ones are listed: never so many that the segment leaves the list before. */
  get trailSegments(): number {
    return Math.max(leastTrail, Math.min(this.#trail, this.#listed.size - leastTrail));
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** A stream begins, or this service begins in the middle of one. */
  async began(listed: readonly ListedSegment[], first: Segment): Promise<void> {
    if (this.#isEnding) {
      for (const { track } of this.#options.tracks) track.commitAll();
      this.#end();
    }
    // A disk that is full holds the old session's files up, but not the new session's captions.
    await Promise.race([this.#ended, sleep(mostEndMs, undefined, { ref: false })]);
    const { captionsDir, tracks, faults, now, openTranscript } = this.#options;
    const startedMs = first.madeAtMs ?? Date.now();
    const isSame = listed.some(({ file }) => tracks.some(({ folder }) => folder.has(file.replace(/\.ts$/, ".vtt"))));
    const session = (isSame ? await readSession(captionsDir) : undefined) ?? newSession(startedMs);
    this.#session = session;
    try {
      await writeSession(captionsDir, session);
      faults.worked("session", now());
    } catch (error) {
      faults.failed("session", `${fileFault(error)}; a restart would begin another transcript`, now());
    }
    const sessionStart = first.start - Math.max(0, startedMs - session.startedMs) / 1000;
    for (const { track } of tracks)
      track.record(openTranscript?.({ language: track.language, sessionId: session.id, sessionStart }));
  }

  heard(placed: PlacedSegment, pcm: Buffer): void {
    for (const { track } of this.#options.tracks) track.hear(placed, pcm);
  }

  listed(files: ReadonlySet<string>): void {
    this.#listed = listedSince(this.#listed, files, this.#options.now());
    // Players may ask for captions at once.
    this.tick();
  }

  /** The stream is over; its session ends when all is committed. */
  ended(): void {
    this.#isEnding = true;
  }

  /** To be called about ten times a second. */
  tick(): void {
    const tracks = this.#options.tracks.map(({ track }) => track);
    for (const track of tracks) track.tick(this.trailSegments, this.#listed);
    if (this.#isEnding && tracks.every(({ isIdle }) => isIdle)) this.#end();
    const late = tracks.filter((track) => track.needsMoreTrail());
    // A segment must not leave the list before its captions are there.
    if (late.length === 0 || this.#trail >= Math.min(mostTrail, this.#listed.size - leastTrail)) return;
    this.#trail += 1;
    const languages = late.map(({ language }) => language).join(", ");
    this.#options.say(
      `words in ${languages} come too late: from now on captions have ${this.#trail} segments of time, and new players stay further behind live`,
    );
  }

  /** Tells the keeper which tracks there are; about every half second. */
  tell(): void {
    const { captionsDir, tracks, faults, now } = this.#options;
    const ready = tracks.filter(({ track }) => track.source.isReady);
    const shown = ready.map(({ track: { language, name } }) => ({ language, name }));
    try {
      writeTracks(captionsDir, { trailSegments: this.trailSegments, tracks: shown });
      faults.worked("tracks", now());
    } catch (error) {
      faults.failed("tracks", `${fileFault(error)}; players are offered no captions until this is repaired`, now());
    }
  }

  /** Removes old files; every few seconds. */
  sweep(): void {
    const listed = new Set(this.#listed.keys());
    for (const { track } of this.#options.tracks) track.sweep(listed);
  }

  /** Tells the keeper that there are no tracks, and closes the transcripts. */
  async stop(): Promise<void> {
    const { captionsDir, tracks } = this.#options;
    try {
      writeTracks(captionsDir, { trailSegments: this.trailSegments, tracks: [] });
    } catch {
      // The keeper sees that this process has ended.
    }
    this.#stopping.abort();
    await this.#ended;
    for (const { track } of tracks) {
      await track.endSession(this.#stopping.signal);
      await track.source.stop();
    }
  }

  #end(): void {
    this.#isEnding = false;
    this.#session = undefined;
    this.#trail = leastTrail;
    // All at once: each gives its transcript up now, and closes it in its own time.
    this.#ended = Promise.allSettled([
      this.#ended,
      ...this.#options.tracks.map(({ track }) => track.endSession(this.#stopping.signal)),
    ]);
  }
}
