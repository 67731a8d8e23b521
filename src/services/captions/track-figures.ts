import { Delays } from "./delays.ts";
import type { Committed } from "./source.ts";

/** What a track has done, for an operator. */
export interface TrackFigures {
  readonly words: number;
  /** Words that came after the deadline of their own segment. */
  readonly lateWords: number;
  readonly segments: number;
  /** Segments whose captions were written after players could ask for them. A player asks once, so it may have none there. The first one of a stream is listed at once, and is not counted. */
  readonly lateSegments: number;
  /** From the moment a segment is listed to its captions. */
  readonly commitSeconds: Spread;
  /** From the moment a word could be heard by a player at the live edge to its caption. */
  readonly wordSeconds: Spread;
  readonly over17Share: number;
  readonly over25Share: number;
}

interface Spread {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

/** Measures how long captions take. */
export class TrackDelays {
  readonly #commits = new Delays();
  readonly #ofWords = new Delays();
  #words = 0;

  /** A segment's words are committed, so long after it was listed. */
  committed({ segment, words }: Committed, sinceListedMs: number): void {
    this.#words += words.length;
    this.#commits.add(sinceListedMs / 1000);
    for (const { end } of words) this.#ofWords.add(sinceListedMs / 1000 + segment.end - end);
  }

  get figures(): Pick<TrackFigures, "words" | "segments" | "commitSeconds" | "wordSeconds"> {
    const spread = (delays: Delays): Spread => ({ p50: delays.quantile(0.5), p95: delays.quantile(0.95) });
    return {
      words: this.#words,
      segments: this.#commits.count,
      commitSeconds: spread(this.#commits),
      wordSeconds: spread(this.#ofWords),
    };
  }
}
