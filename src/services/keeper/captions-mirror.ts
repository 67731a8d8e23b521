import { existsSync } from "node:fs";
import { join } from "node:path";
import { leastTrail } from "../../lib/captions-tracks.ts";
import { readSegmentName } from "../../media/segment-name.ts";
import { mediaText } from "./stage-playlists.ts";
import { type KeptSegment, shownSegments, type VariantState } from "./variant.ts";

// A player asks once in a segment's length; many of them ask for the same file.
const lookEveryMs = 100;
// A player that turns a track on fetches every listed file in turn, one in each round trip, and shows a cue after that. So the list is
// short. It begins so many segments before the video's newest one, whatever the trail is: its beginning never goes back.
const mostBack = 10;

/** The file with a segment's captions, beside the playlist. The offline clip has none: the front answers without captions. */
export const captionsOf = ({ uri, sequence }: KeptSegment): string =>
  readSegmentName(uri) ? uri.replace(/\.ts$/, ".vtt") : `stream-offline-${sequence}.vtt`;

/**
 * How many of a variant's segments its captions' playlist lists: up to the last one before which all have their captions, or come before
 * index `late` and need not be waited for. So it never falls behind, whatever the captions service does. It lists one
 * segment at least, and all of a stream that has ended. Pure but for `isThere`, which is asked at most once for each segment from `late`
 * on or waited for.
 */
export function captionedCount(
  { phase, segments }: VariantState,
  late: number,
  isThere: (segment: KeptSegment) => boolean,
  waitsFor: (segment: KeptSegment, index: number) => boolean = () => false,
): number {
  if (phase === "ended") return segments.length;
  const missing = segments.findIndex(
    (segment, index) => index > 0 && (index >= late || waitsFor(segment, index)) && !isThere(segment),
  );
  return missing < 0 ? segments.length : missing;
}

/** How a playlist follows its track's files. */
export interface Following {
  /** As the captions service tells it, from the moment a segment is there. The picture has waited for the usual trail when it is listed. */
  readonly trailSegments: number;
  /** How long a file may be missing after enough newer segments are listed. */
  readonly waitMs: number;
}

// What is shown without a wait, at a stream's beginning and before a loss, needs the usual trail.
const trailBehindPicture = (trailSegments: number): number => Math.max(leastTrail, trailSegments - leastTrail);

/**
 * The playlist of one caption track. It is that of variant 0 without its oldest segments, with captions for video; and it has captions that are
 * there already of segments that players do not get yet.
 */
export class CaptionsMirror {
  readonly #folder: string;
  /** Files that were seen, of the listed segments alone. */
  #seen: ReadonlySet<string> = new Set();
  /** A file that was not there, and when that was. */
  #missing: { readonly file: string; readonly sinceMs: number } | undefined;
  /** Segments that are listed by their age, although their files may be missing; and since when they are so old. */
  #due: ReadonlyMap<string, number> = new Map();
  /** The last file that a player has been given: RFC 8216, 6.2.2, allows no way back. */
  #given: string | undefined;
  #last:
    | { readonly variant: VariantState; readonly count: number; readonly trail: number; readonly text: string }
    | undefined;

  /** @param folder of the track's files */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined if the variant lists nothing. Never throws. */
  text(variant: VariantState, following: Following, nowMs: number): string | undefined {
    const { trailSegments: trail } = following;
    const shown = shownSegments(variant).length;
    const count = this.#count(variant, shown, following, nowMs);
    if (this.#last?.variant === variant && this.#last.count === count && this.#last.trail === trail)
      return this.#last.text;
    const listed = variant.segments.slice(Math.max(0, shown - mostBack), count);
    // The picture's list, and what is listed before it.
    const known = { ...variant, segments: variant.segments.slice(0, Math.max(shown, count)) };
    const text = mediaText(known, listed, captionsOf, trail);
    if (text === undefined) return undefined;
    const newest = listed.at(-1);
    this.#given = newest && captionsOf(newest);
    this.#last = { variant, count, trail, text };
    return text;
  }

  #count(variant: VariantState, shown: number, following: Following, nowMs: number): number {
    const { waitMs } = following;
    const late = shown - trailBehindPicture(following.trailSegments);
    const seen = new Set<string>();
    const isThere = (segment: KeptSegment): boolean => {
      const file = captionsOf(segment);
      const isSeen = this.#seen.has(file) || this.#looks(file, nowMs);
      if (isSeen) seen.add(file);
      return isSeen;
    };
    const given = variant.segments.findIndex((segment) => captionsOf(segment) === this.#given);
    this.#due = this.#dueSince(variant, late);
    // Without a given one, players may have had all of them from a keeper before this one. The first one of the short list does not wait.
    const from = Math.max(given, shown - mostBack);
    const waitsFor = (segment: KeptSegment, index: number): boolean => {
      const ageMs = nowMs - (this.#due.get(captionsOf(segment)) ?? nowMs);
      return given >= 0 && index > from && ageMs >= 0 && ageMs < waitMs;
    };
    const counted = captionedCount(variant, late, isThere, waitsFor);
    this.#seen = seen;
    return Math.max(counted, given + 1);
  }

  /** The newest segment was listed after those that were not so old before; several may come at once. */
  #dueSince({ segments, newestMs }: VariantState, count: number): ReadonlyMap<string, number> {
    const files = segments.slice(0, Math.max(0, count)).map(captionsOf);
    return new Map(files.map((file) => [file, this.#due.get(file) ?? newestMs]));
  }

  #looks(file: string, nowMs: number): boolean {
    const { sinceMs = Number.NEGATIVE_INFINITY, file: missing } = this.#missing ?? {};
    if (missing === file && nowMs >= sinceMs && nowMs - sinceMs < lookEveryMs) return false;
    const isThere = existsSync(join(this.#folder, file));
    this.#missing = isThere ? undefined : { file, sinceMs: nowMs };
    return isThere;
  }
}
