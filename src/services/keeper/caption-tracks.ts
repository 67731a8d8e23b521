import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type CaptionTrack,
  captionsWaitMs,
  languagePattern,
  leastTrail,
  mostTracks,
  readTracks,
} from "../../lib/captions-tracks.ts";
import { isRunning } from "../../lib/is-running.ts";
import { CaptionsMirror, captionsOf } from "./captions-mirror.ts";
import type { KeptSegment, VariantState } from "./variant.ts";

const lookEveryMs = 100;
const listEveryMs = 1000;
// After a change of the stage file, the folders of its former tracks may stay.
const mostLanguages = 4 * mostTracks;
// Of a few variants, the segments that players wait for.
const mostAwaited = 1000;
// When tracks come in the middle of a stream, each segment may wait for a quarter of a segment longer than the one before: a player has three
// segments in hand, and must not come to their end.
const waitGrows = 4;
// Owncast's longest. A passthrough camera may make far longer ones.
const longestUsualSeconds = 5;
const language = new RegExp(`^${languagePattern}$`);

/** The tracks that a master playlist names now. */
export interface LiveTracks {
  readonly trailSegments: number;
  readonly tracks: readonly CaptionTrack[];
}

/** No service lives. */
export const noTracks: LiveTracks = { trailSegments: leastTrail, tracks: [] };

/** What the captions service has in its folder: its tracks while it lives, and the playlist of each track. Never throws. */
export class CaptionTracks {
  readonly #folder: string;
  readonly #mirrors = new Map<string, CaptionsMirror>();
  #live = noTracks;
  /** The service that told of them. */
  #pid: number | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #listedMs = Number.NEGATIVE_INFINITY;
  /** Since when there are tracks, as far as this keeper has seen them come. */
  #offeredMs = Number.NEGATIVE_INFINITY;
  /** By rendition and file: since when a segment waits for it, and since when all tracks have it. */
  readonly #awaited = new Map<string, { readonly sinceMs: number; readonly thereMs: number | undefined }>();
  /** By language: the responses with a track's playlist. */
  readonly responses = new Map<string, number>();

  /** @param folder as `lectern captions --captions-dir` has it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The same object while nothing has changed. Without a service that lives, there are no tracks. */
  at(nowMs: number): LiveTracks {
    const isFresh = nowMs - this.#readMs < lookEveryMs && nowMs >= this.#readMs;
    // The first request after the service's death gets no tracks.
    if (isFresh && (this.#pid === undefined || isRunning(this.#pid))) return this.#live;
    // Tracks that a keeper finds when it starts are no news to players.
    const isFirst = this.#readMs === Number.NEGATIVE_INFINITY;
    this.#readMs = nowMs;
    const read = readTracks(this.#folder, nowMs);
    this.#pid = read?.pid;
    const { trailSegments, tracks } = read ?? noTracks;
    const live = { trailSegments, tracks };
    if (!isFirst && this.#live.tracks.length === 0 && tracks.length > 0) this.#offeredMs = nowMs;
    if (!isDeepStrictEqual(live, this.#live)) this.#live = live;
    return this.#live;
  }

  /**
   * The playlist of a track, also while its service is dead: a player that has the track goes on without captions. Undefined if the
   * variant lists nothing, `unknown` if there never was such a track.
   */
  playlist(name: string, variant: VariantState, nowMs: number): string | "unknown" | undefined {
    const mirror = this.#mirrors.get(name) ?? this.#look(name, nowMs);
    if (!mirror) return "unknown";
    this.responses.set(name, (this.responses.get(name) ?? 0) + 1);
    const { trailSegments, tracks } = this.at(nowMs);
    const isOffered = tracks.some((track) => track.language === name);
    return mirror.text(variant, { trailSegments, waitMs: isOffered ? captionsWaitMs : 0 }, nowMs);
  }

  /**
   * Whether players should wait for a segment, so that its captions are there when it is listed: until all tracks have them, and at most for the
   * service's usual trail and half a second. `isAfterLoss`: until they have been there for one segment length. Without tracks, nobody waits.
   */
  isAwaited(segment: KeptSegment, longestSeconds: number, isAfterLoss: boolean, nowMs: number): boolean {
    const { tracks } = this.at(nowMs);
    if (tracks.length === 0) return false;
    const file = captionsOf(segment);
    // Renditions share the names of segments, and each of them has its own times.
    const key = `${segment.input}/${file}`;
    const before = this.#awaited.get(key) ?? { sinceMs: nowMs, thereMs: undefined };
    const isThere = () => tracks.every(({ language }) => existsSync(join(this.#folder, language, file)));
    const { sinceMs, thereMs = isThere() ? nowMs : undefined } = before;
    this.#awaited.set(key, { sinceMs, thereMs });
    for (const oldest of this.#awaited.keys()) {
      if (this.#awaited.size <= mostAwaited) break;
      this.#awaited.delete(oldest);
    }
    const lengthMs = Math.min(longestSeconds, longestUsualSeconds) * 1000;
    // A player that came to the end of what it had plays each segment as soon as it has it, and asks for captions up to one length later.
    const aheadMs = isAfterLoss ? lengthMs : 0;
    const mostMs = leastTrail * lengthMs + captionsWaitMs;
    const isWaiting = thereMs === undefined ? nowMs - sinceMs < mostMs : nowMs - thereMs < aheadMs;
    return isWaiting && nowMs - sinceMs < (nowMs - this.#offeredMs) / waitGrows;
  }

  /** Looks for a new track. Strangers may ask for any name, so the folder is read rarely. */
  #look(name: string, nowMs: number): CaptionsMirror | undefined {
    const isNew = this.at(nowMs).tracks.some((track) => track.language === name);
    if (isNew) this.#add(name);
    else if (nowMs - this.#listedMs >= listEveryMs || nowMs < this.#listedMs) {
      this.#listedMs = nowMs;
      for (const folder of foldersIn(this.#folder)) this.#add(folder);
    }
    return this.#mirrors.get(name);
  }

  #add(name: string): void {
    if (this.#mirrors.size < mostLanguages && !this.#mirrors.has(name))
      this.#mirrors.set(name, new CaptionsMirror(join(this.#folder, name)));
  }
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && language.test(entry.name)).map(({ name }) => name);
  } catch {
    return [];
  }
}
