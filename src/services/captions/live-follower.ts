import { fileFault, reasonOf } from "../../lib/error-cause.ts";
import type { FaultLog } from "../../lib/fault-log.ts";
import { ptsAfter } from "../../media/transport-stream.ts";
import type { Answer, KeeperClient } from "./keeper-client.ts";
import { type ListedPlaylist, type ListedSegment, readListed, SegmentNews } from "./listed-segments.ts";
import { readSegment } from "./segment-file.ts";
import { type SegmentSounds, sampleRate } from "./segment-sound.ts";
import type { Segment, StageSeconds } from "./source.ts";
import type { PlacedSegment } from "./track.ts";

/** Faults that following outlasts. */
export const followerFaults = {
  keeper: { failed: "cannot ask the keeper", works: "asks the keeper again" },
  playlist: { failed: "refuses the keeper's playlist", works: "follows the keeper's playlist again" },
  segment: { failed: "cannot read segments", works: "reads segments again" },
  sound: { failed: "hears no sound", works: "hears sound again" },
} as const;

/** What a follower tells. */
export interface FollowerEvents {
  /** A stream begins: these segments are listed, and the first of them is the first to come. */
  began(listed: readonly ListedSegment[], first: Segment): Promise<void>;
  /** The next segment and its sound, in order. */
  heard(placed: PlacedSegment, pcm: Buffer): void;
  /** The names of all listed segments, whenever they change. */
  listed(files: ReadonlySet<string>): void;
  /** The stream is over. */
  ended(): void;
}

export interface FollowerOptions {
  readonly client: KeeperClient;
  /** Folders that hold segments, the first one that has a file counts. */
  readonly folders: readonly string[];
  readonly sounds: SegmentSounds;
  readonly faults: FaultLog<keyof typeof followerFaults>;
  readonly events: FollowerEvents;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

// So long without a playlist, and the stream is over: the keeper may be restarting.
const mostGoneMs = 30_000;
// After a pause of this service, nobody needs the captions of older segments.
const mostBehind = 6;
const keptBehind = 2;

/** Follows the keeper's playlist of one variant, and places its segments on the stage's axis. */
export class LiveFollower {
  readonly #options: FollowerOptions;
  readonly #news = new SegmentNews();
  #isOnAir = false;
  #goneSinceMs: number | undefined;
  #end: StageSeconds = 0;
  #firstPts: number | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  get isOnAir(): boolean {
    return this.#isOnAir;
  }

  /** Looks once; to be called several times a second, one after the other. Never rejects. */
  async look(): Promise<void> {
    const { client, faults, now } = this.#options;
    let answer: Answer;
    try {
      answer = await client.ask();
      faults.worked("keeper", now());
    } catch (error) {
      faults.failed("keeper", `${reasonOf(error)}; captions go on when it answers`, now());
      this.#gone();
      return;
    }
    if (answer) await this.#read(answer.text);
  }

  async #read(text: string | undefined): Promise<void> {
    if (text === undefined) return this.#gone();
    const { faults, now, events } = this.#options;
    let playlist: ListedPlaylist;
    try {
      playlist = readListed(text);
    } catch (error) {
      faults.failed("playlist", `${reasonOf(error)}; captions wait for the next one`, now());
      return;
    }
    this.#goneSinceMs = undefined;
    const { fresh, isBroken, fault } = this.#news.look(playlist);
    if (fault === undefined) faults.worked("playlist", now());
    else faults.failed("playlist", `${fault}; captions go on with the next new segment`, now());
    events.listed(new Set(playlist.segments.map(({ file }) => file)));
    await this.#hear(fresh, isBroken, playlist);
    if (playlist.ended) this.#over();
  }

  async #hear(fresh: readonly ListedSegment[], isBroken: boolean, { segments }: ListedPlaylist): Promise<void> {
    const nowMs = this.#options.now();
    const isBehind = fresh.length > mostBehind;
    const heard = isBehind ? fresh.slice(-keptBehind) : fresh;
    for (const [index, listed] of heard.entries()) {
      const isFirst = index === 0 && (isBroken || isBehind);
      const segment = this.#place(listed, isFirst);
      if (!this.#isOnAir) {
        this.#isOnAir = true;
        await this.#options.events.began(segments, segment);
      }
      // Newer ones are listed already: its time is over sooner.
      const newerSeconds = heard.slice(index + 1).reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
      await this.#hearOne(listed, segment, nowMs - newerSeconds * 1000);
    }
  }

  #place({ file, durationSeconds, madeAtMs, discontinuity }: ListedSegment, isFirst: boolean): Segment {
    const start = this.#end;
    this.#end += durationSeconds;
    return { file, start, end: this.#end, madeAtMs, discontinuity: discontinuity || isFirst };
  }

  async #hearOne({ input, file, durationSeconds }: ListedSegment, segment: Segment, listedMs: number): Promise<void> {
    const { sounds, events, faults, now } = this.#options;
    const samples = Math.round(segment.end * sampleRate) - Math.round(segment.start * sampleRate);
    const bytes = await this.#bytes(input, file);
    const { pcm, firstPts, fault } = await sounds.next(bytes, samples, !segment.discontinuity);
    if (fault === undefined) faults.worked("sound", now());
    else faults.failed("sound", `${file}: ${fault}; its captions are empty`, now());
    const expected = segment.discontinuity ? undefined : this.#firstPts;
    const pts = firstPts ?? expected;
    this.#firstPts = pts === undefined ? undefined : ptsAfter(pts, durationSeconds);
    events.heard({ segment, firstPts: pts, listedMs }, pcm);
  }

  async #bytes(input: number, file: string): Promise<Buffer | undefined> {
    const { folders, faults, now } = this.#options;
    try {
      const bytes = await readSegment(folders, input, file);
      faults.worked("segment", now());
      return bytes;
    } catch (error) {
      faults.failed("segment", `${file} (${fileFault(error)}); its captions are empty`, now());
      return undefined;
    }
  }

  #gone(): void {
    const nowMs = this.#options.now();
    this.#goneSinceMs ??= nowMs;
    if (nowMs - this.#goneSinceMs > mostGoneMs) this.#over();
  }

  #over(): void {
    if (!this.#isOnAir) return;
    this.#isOnAir = false;
    this.#options.events.ended();
  }
}
