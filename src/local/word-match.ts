/** A word at a time, in ms since the epoch. */
export interface WordAt {
  /** Lower case, without punctuation. */
  readonly text: string;
  readonly atMs: number;
}

/** A word of a text that somebody heard. */
export interface MatchedWord<Spoken, Heard> {
  readonly spoken: Spoken;
  readonly heard: Heard;
}

/** How well words were heard. */
export interface WordMatch<Spoken, Heard> {
  /** The words that were heard right, in order. */
  readonly right: readonly MatchedWord<Spoken, Heard>[];
  /** Words that are wrong, missing, or too many, for each spoken word. */
  readonly errorRate: number;
}

/** A text's words as they are compared. */
export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replaceAll(/[’]/g, "'")
    .split(/[^\p{L}\p{N}']+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));

/**
 * Aligns what was heard with what was spoken, with the fewest errors. Heard words before the first and after the last spoken one do not
 * count: the listener may have begun earlier and gone on.
 */
export function matchWords<Spoken extends { readonly text: string }, Heard extends { readonly text: string }>(
  spoken: readonly Spoken[],
  heard: readonly Heard[],
): WordMatch<Spoken, Heard> {
  const width = heard.length + 1;
  // costs[row * width + column]: the fewest errors with so many words spoken and heard.
  const costs = new Uint32Array((spoken.length + 1) * width);
  const cost = (row: number, column: number) => costs[row * width + column] ?? 0;
  const isSame = (row: number, column: number) => column > 0 && spoken[row - 1]?.text === heard[column - 1]?.text;
  const isLast = (row: number) => row === spoken.length;
  for (let row = 1; row <= spoken.length; row++)
    for (let column = 0; column <= heard.length; column++) {
      const missing = cost(row - 1, column) + 1;
      const other = column > 0 ? cost(row - 1, column - 1) + (isSame(row, column) ? 0 : 1) : Infinity;
      const tooMany = column > 0 ? cost(row, column - 1) + (isLast(row) ? 0 : 1) : Infinity;
      costs[row * width + column] = Math.min(missing, other, tooMany);
    }
  const right: MatchedWord<Spoken, Heard>[] = [];
  for (let row = spoken.length, column = heard.length; row > 0; ) {
    const here = cost(row, column);
    const isFrom = (otherRow: number, otherColumn: number, error: number) =>
      otherColumn >= 0 && cost(otherRow, otherColumn) + error === here;
    // Of equal ways, the one with more right words.
    if (isSame(row, column) && isFrom(row - 1, column - 1, 0)) {
      const [one, two] = [spoken[row - 1], heard[column - 1]];
      if (one && two) right.unshift({ spoken: one, heard: two });
      row -= 1;
      column -= 1;
    } else if (isFrom(row, column - 1, isLast(row) ? 0 : 1)) column -= 1;
    else {
      if (isFrom(row - 1, column - 1, 1)) column -= 1;
      row -= 1;
    }
  }
  const errors = cost(spoken.length, heard.length);
  return { right, errorRate: spoken.length === 0 ? 0 : errors / spoken.length };
}
