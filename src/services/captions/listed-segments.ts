import { isSegmentFile, readSegmentName } from "../../media/segment-name.ts";
import { type MediaSegment, parseMedia, tornBy } from "../../viewer/playlist.ts";

/** A segment of the followed playlist, before it has a place on the stage's axis. */
export interface ListedSegment {
  /** Owncast's variant that it comes from. */
  readonly input: number;
  /** File name without folder. */
  readonly file: string;
  readonly durationSeconds: number;
  readonly madeAtMs: number | undefined;
  readonly discontinuity: boolean;
}

/** The followed playlist at one moment. */
export interface ListedPlaylist {
  readonly segments: readonly ListedSegment[];
  /** The stream is over. */
  readonly ended: boolean;
}

const mostSegments = 400;
const longestSeconds = 60;
const uriForm = /^(?:\.\.\/(0|[1-9]\d?)\/)?([^/]+)$/;

/** Reads the keeper's playlist of variant 0; the offline clip is left out. Throws an error with words if it is torn or strange. */
export function readListed(text: string): ListedPlaylist {
  const torn = tornBy(text);
  if (torn !== undefined) throw new Error(`the playlist is torn: ${torn}`);
  const { segments, ended } = parseMedia(text);
  if (segments.length > mostSegments)
    throw new Error(`the playlist lists ${segments.length} segments; expected at most ${mostSegments}`);
  return { segments: segments.flatMap(listed), ended };
}

function listed({ uri, durationSeconds, madeAtMs, discontinuity }: MediaSegment): ListedSegment[] {
  const [, input = "0", file = ""] = uriForm.exec(uri) ?? [];
  if (!isSegmentFile(file))
    throw new Error(`the playlist lists ${JSON.stringify(uri.slice(0, 100))}, which is no segment`);
  if (!readSegmentName(file)) return [];
  if (durationSeconds > longestSeconds)
    throw new Error(`${file} lasts ${durationSeconds} s; expected at most ${longestSeconds}`);
  return [{ input: Number(input), file, durationSeconds, madeAtMs, discontinuity }];
}

/** What a look at the playlist has brought. */
export interface News {
  /** Oldest first. */
  readonly fresh: readonly ListedSegment[];
  /** Whether segments were missed between the last known one and these, or none is known. */
  readonly isBroken: boolean;
  /** What is strange about the playlist; undefined if nothing is. */
  readonly fault: string | undefined;
}

// Of the oldest segments, nobody needs captions any more.
const newestAtStart = 2;
const mostKnown = 2 * mostSegments;

/** Finds the segments of a playlist that were not there before. Each is found once. */
export class SegmentNews {
  readonly #known = new Set<string>();
  #newest: string | undefined;

  /** Compares by name: sequence numbers may begin again. */
  look({ segments }: ListedPlaylist): News {
    const last = segments.findLastIndex(({ file }) => this.#known.has(file));
    const late = segments.slice(0, last + 1).find(({ file }) => !this.#known.has(file));
    const after = segments.slice(last + 1);
    const isRewound = last >= 0 && after.length === 0 && segments.at(-1)?.file !== this.#newest;
    const fresh = last < 0 ? after.slice(-newestAtStart) : after;
    for (const { file } of segments) this.#know(file);
    if (fresh.length > 0) this.#newest = fresh.at(-1)?.file;
    const fault = isRewound
      ? `the playlist ran back to ${segments.at(-1)?.file}`
      : late && `the playlist lists ${late.file} late, before segments that were there already`;
    return { fresh, isBroken: last < 0 && fresh.length > 0, fault };
  }

  #know(file: string): void {
    // Known last, so that the set's order is that of the lists.
    this.#known.delete(file);
    this.#known.add(file);
    for (const oldest of this.#known) {
      if (this.#known.size <= mostKnown) return;
      this.#known.delete(oldest);
    }
  }
}
