import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSegmentName } from "../../media/segment-name.ts";
import { mediaText } from "./stage-playlists.ts";
import type { KeptSegment, VariantState } from "./variant.ts";

// A player asks once in a segment's length; many of them ask for the same file.
const lookEveryMs = 100;
// A player that turns a track on fetches every listed file in turn, one in each round trip, and shows a cue after that. So the list is
// short. It begins so many segments before the video's newest one, whatever the trail is: its beginning never goes back.
const mostBack = 10;

/** The file with a segment's captions, beside the playlist. The offline clip has none: the front answers without captions. */
export const captionsOf = ({ uri, sequence }: KeptSegment): string =>
  readSegmentName(uri) ? uri.replace(/\.ts$/, ".vtt") : `stream-offline-${sequence}.vtt`;

/**
 * How many of a variant's segments its captions' playlist lists: up to the last one before which all have their captions, or are at least
 * `trailSegments` behind the newest. So it never falls behind, whatever the captions service does. It lists one segment at least, and all
 * of a stream that has ended. Pure but for `isThere`, which is asked at most once for each segment within the trail.
 */
export function captionedCount(
  { phase, segments }: VariantState,
  trailSegments: number,
  isThere: (segment: KeptSegment) => boolean,
): number {
  if (phase === "ended") return segments.length;
  const late = Math.max(Math.min(1, segments.length), segments.length - trailSegments);
  const missing = segments.slice(late).findIndex((segment) => !isThere(segment));
  return missing < 0 ? segments.length : late + missing;
}

/** The playlist of one caption track. It is that of variant 0 without its oldest segments, with captions for video. */
export class CaptionsMirror {
  readonly #folder: string;
  /** Files that were seen, of the listed segments alone. */
  #seen: ReadonlySet<string> = new Set();
  /** A file that was not there, and when that was. */
  #missing: { readonly file: string; readonly sinceMs: number } | undefined;
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
  text(variant: VariantState, trail: number, nowMs: number): string | undefined {
    const count = this.#count(variant, trail, nowMs);
    if (this.#last?.variant === variant && this.#last.count === count && this.#last.trail === trail)
      return this.#last.text;
    const listed = variant.segments.slice(Math.max(0, variant.segments.length - mostBack), count);
    const text = mediaText(variant, listed, captionsOf, trail);
    if (text === undefined) return undefined;
    const newest = listed.at(-1);
    this.#given = newest && captionsOf(newest);
    this.#last = { variant, count, trail, text };
    return text;
  }

  #count(variant: VariantState, trail: number, nowMs: number): number {
    const seen = new Set<string>();
    const counted = captionedCount(variant, trail, (segment) => {
      const file = captionsOf(segment);
      const isThere = this.#seen.has(file) || this.#looks(file, nowMs);
      if (isThere) seen.add(file);
      return isThere;
    });
    this.#seen = seen;
    const given = variant.segments.findIndex((segment) => captionsOf(segment) === this.#given);
    return Math.max(counted, given + 1);
  }

  #looks(file: string, nowMs: number): boolean {
    const { sinceMs = Number.NEGATIVE_INFINITY, file: missing } = this.#missing ?? {};
    if (missing === file && nowMs >= sinceMs && nowMs - sinceMs < lookEveryMs) return false;
    const isThere = existsSync(join(this.#folder, file));
    this.#missing = isThere ? undefined : { file, sinceMs: nowMs };
    return isThere;
  }
}
