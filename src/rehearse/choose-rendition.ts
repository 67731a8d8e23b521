import { CliError, ExitCode } from "../lib/errors.ts";
import type { Variant } from "../viewer/playlist.ts";

/** A rendition of the master playlist, with the name that `--split` takes. */
export interface Rung extends Variant {
  /** `720p`; `720p-2500k` if two have one height; its place in the ladder (`0`) if the playlist gives no size. */
  readonly name: string;
}

/** Names the renditions, the best one first. */
export function namedRungs(variants: readonly Variant[]): Rung[] {
  const sorted = [...variants].sort((a, b) => b.bandwidthBps - a.bandwidthBps);
  return sorted.map((variant, place) => {
    const { height, bandwidthBps } = variant;
    const isOnly = sorted.filter((other) => other.height === height).length === 1;
    const name = isOnly ? `${height}p` : `${height}p-${Math.round(bandwidthBps / 1000)}k`;
    return { ...variant, name: height > 0 ? name : `${place}` };
  });
}

/** How many of the viewers watch what: the shares add up to 1. */
export type Shares = readonly { readonly name: string; readonly share: number }[];

// Owncast's own calculator splits the viewers like this.
const usualShares: Readonly<Record<number, readonly number[]>> = { 1: [1], 2: [0.7, 0.3] };
const usualForMore = [0.7, 0.2, 0.1];

/** The split without `--split`: 70 % on the best rendition, then 20 and 10, or 30 if there are only two. */
export const usualSplit = (rungs: readonly Rung[]): Shares =>
  (usualShares[rungs.length] ?? usualForMore).map((share, place) => ({ name: rungs[place]!.name, share }));

const largestShare = 1e6;

/** `NAME=SHARE,…` from the command line; shares may add up to anything and become parts of 1. Throws CliError 64. */
export function readShares(option: string, text: string): Shares {
  const wrong = new CliError(
    ExitCode.usage,
    `${option} ${text}: expected NAME=SHARE,… with shares above 0`,
    `for example ${option} ${option === "--split" ? "1080p=70,720p=30" : "chrome=75,firefox=5,safari=20"}`,
  );
  const parts = text.split(",").map((part) => {
    const [, name = "", share = ""] = /^([\w-]{1,40})=(\d{1,7}(?:\.\d{1,4})?)%?$/.exec(part.trim()) ?? [];
    if (name === "" || !(Number(share) > 0) || Number(share) > largestShare) throw wrong;
    return { name, share: Number(share) };
  });
  if (new Set(parts.map(({ name }) => name)).size < parts.length) throw wrong;
  const sum = parts.reduce((total, { share }) => total + share, 0);
  return parts.map(({ name, share }) => ({ name, share: share / sum }));
}

/**
 * Deals names out so that after every viewer the counts are as close to the shares as whole viewers allow. Returns the name for
 * viewer 0, 1, 2, …, one at each call.
 */
export function makeDealer(shares: Shares): () => string {
  const dealt = shares.map(() => 0);
  let total = 0;
  return () => {
    total += 1;
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    shares.forEach(({ share }, place) => {
      const owed = share * total - dealt[place]!;
      if (owed > most + 1e-9) [best, most] = [place, owed];
    });
    dealt[best]! += 1;
    return shares[best]!.name;
  };
}

// video.js picks the best rendition whose bandwidth times this is below the measured throughput.
const headroom = 1.2;
// How much the newest segment counts in the average: video.js's with Owncast's options.
const newest = 0.55;

/**
 * Chooses renditions as video.js does with Owncast's options: starts with the lowest, then the best one that the average
 * throughput carries with a fifth to spare. It does not know how large the player's window is.
 */
export class Adaptation {
  readonly #rungs: readonly Rung[];
  #averageBps: number | undefined;

  /** `rungs`: the best one first. */
  constructor(rungs: readonly Rung[]) {
    this.#rungs = rungs;
  }

  /** The rendition to begin with. */
  first(): Rung {
    return this.#rungs.at(-1)!;
  }

  /** The rendition after a segment that came at this rate. */
  next(throughputBps: number): Rung {
    const before = this.#averageBps ?? throughputBps;
    this.#averageBps = newest * throughputBps + (1 - newest) * before;
    const average = this.#averageBps;
    return this.#rungs.find(({ bandwidthBps }) => bandwidthBps * headroom < average) ?? this.first();
  }
}
