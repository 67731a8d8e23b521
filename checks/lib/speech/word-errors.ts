/** How far recognised words are from the words that were said. */
export interface WordErrors {
  /** Words that are wrong, missing or too many: the fewest edits. */
  readonly errors: number;
  readonly words: number;
  /** Word error rate. */
  readonly rate: number;
}

/** The words of a text as engines are compared: lower case, without punctuation; a hyphen parts words. */
export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replaceAll("can not", "cannot")
    .replaceAll(/[^a-z']+/g, " ")
    .split(" ")
    .filter((word) => word !== "");

/** Compares two texts by their words. */
export function wordErrors(said: string, heard: string): WordErrors {
  const words = wordsOf(said);
  const others = wordsOf(heard);
  let row = Array.from({ length: others.length + 1 }, (_, at) => at);
  for (const [index, word] of words.entries()) {
    const next = [index + 1];
    for (const [at, other] of others.entries())
      next.push(Math.min(row[at + 1]! + 1, next[at]! + 1, row[at]! + (word === other ? 0 : 1)));
    row = next;
  }
  const errors = row.at(-1) ?? 0;
  return { errors, words: words.length, rate: errors / Math.max(1, words.length) };
}
