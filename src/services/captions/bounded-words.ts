import type { TimedWord } from "./source.ts";

// No language has longer words, but for scripts without spaces.
const mostCharacters = 100;
/** Nobody says so much in a minute. */
const mostWords = 500;
const mostSegmentCharacters = 4000;
// An hour of speech.
const mostWaiting = 10_000;
const mostBack = 20;

/**
 * Holds what a source gives to what people can say, so that captions of a segment take no longer to make than a segment lasts. Longer
 * words are split, and more words wait for the next segment. Nothing is dropped but what would fill the memory.
 */
export class BoundedWords {
  #waiting: TimedWord[] = [];
  /** How many words were given up. */
  lost = 0;

  /** Takes a segment's words, and gives those that may be shown with it, in order. */
  take(words: readonly TimedWord[]): readonly TimedWord[] {
    if (this.#waiting.length === 0 && words.every(isShort) && countOf(words) === words.length) return words;
    for (const word of words) {
      const room = mostWaiting - this.#waiting.length;
      const pieces = split(word, room);
      this.#waiting.push(...pieces);
      if (pieces.reduce((sum, { text }) => sum + text.length, 0) < word.text.length) this.lost += 1;
    }
    return this.#waiting.splice(0, countOf(this.#waiting));
  }
}

/** How many of the first words are for one segment. */
function countOf(words: readonly TimedWord[]): number {
  let characters = 0;
  const over = words.findIndex(({ text }, at) => {
    characters += text.length;
    return at === mostWords || characters > mostSegmentCharacters;
  });
  return over < 0 ? words.length : over;
}

const isShort = ({ text }: TimedWord): boolean => text.length <= mostCharacters;

/** A word in at most so many pieces, its time shared out among them. */
function split(word: TimedWord, most: number): TimedWord[] {
  const { text, start, end } = word;
  if (most <= 0) return [];
  if (isShort(word)) return [word];
  const pieces: TimedWord[] = [];
  for (let at = 0; at < text.length && pieces.length < most; ) {
    const to = pieceEnd(text, at);
    const timeAt = (place: number): number => start + ((end - start) * place) / text.length;
    pieces.push({ text: text.slice(at, to), start: timeAt(at), end: timeAt(to) });
    at = to;
  }
  return pieces;
}

/** Where a piece ends that begins at a place: not inside of a letter, if it is not a heap of marks. */
function pieceEnd(text: string, from: number): number {
  const most = from + mostCharacters;
  if (most >= text.length) return text.length;
  for (let to = most; to > most - mostBack; to--)
    if (!/^[\p{M}\u200D]/u.test(text.slice(to, to + 2)) && text[to - 1] !== "\u200D" && !isInside(text, to)) return to;
  return isInside(text, most) ? most - 1 : most;
}

/** Whether a place is between the halves of a character. */
const isInside = (text: string, at: number): boolean =>
  /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1));
