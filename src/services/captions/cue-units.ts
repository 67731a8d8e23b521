import { between, cleanText, columnsOf, isSpaceless, lettersOf } from "./cue-text.ts";
import type { PagedWord } from "./cue-words.ts";
import type { Glossary, Run } from "./glossary.ts";

/** The widest line: 42 columns, which are 21 wide characters. */
export const lineColumns = 42;

/** What a cue may be broken between: a word, a piece of a word in a script without spaces or too long for a line, or a glossary entry. */
export interface Unit {
  readonly text: string;
  readonly columns: number;
  /** What stands before it unless it begins a line. */
  readonly space: "" | " ";
  readonly start: number;
  readonly end: number;
  /** Which of the words it begins; undefined for a later piece of the same word or entry. */
  readonly word: number | undefined;
  /** Whether a break before it would be inside of an entry or of a long word: only if nothing else fits. */
  readonly isTight: boolean;
  /** Whether a cue must end with it. */
  readonly endsPage: boolean;
}

/** Words as units, after the glossary. The texts of all units together have every letter of the words' texts, in order. */
export function unitsOf(words: readonly PagedWord[], glossary: Glossary, language: string): Unit[] {
  const units: Unit[] = [];
  let word = 0;
  for (const run of glossary.apply(words)) {
    const pieces = piecesOf(run, language);
    const isPageEnd = words.slice(word, word + run.words).some(({ endsPage }) => endsPage);
    for (const [at, piece] of pieces.entries()) {
      const before = units.at(-1);
      const space = !before ? "" : piece.isJoined ? "" : between(before.text, piece.text, language);
      const { text, start, end, isTight } = piece;
      const own = at === 0 ? word : undefined;
      const endsPage = isPageEnd && at === pieces.length - 1;
      units.push({ text, columns: columnsOf(text), space, start, end, word: own, isTight, endsPage });
    }
    word += run.words;
  }
  return units;
}

/** A part of a run's text, without times. */
interface Part {
  readonly text: string;
  /** Whether it belongs to the part before it without a space. */
  readonly isJoined: boolean;
  readonly isTight: boolean;
}

interface Piece extends Part {
  readonly start: number;
  readonly end: number;
}

function piecesOf({ text: dirty, start, end, isEntry }: Run, language: string): Piece[] {
  const text = cleanText(dirty);
  if (text === "") return [];
  const isWhole = columnsOf(text) <= lineColumns && (isEntry || !(text.includes(" ") || isSpaceless(text)));
  if (isWhole) return [{ text, isJoined: false, isTight: false, start, end }];
  const parts = text.split(" ").flatMap((token) => tokenParts(token, language));
  return withTimes(
    parts.map((part, at) => (isEntry && at > 0 ? { ...part, isTight: true } : part)),
    start,
    end,
  );
}

function tokenParts(token: string, language: string): Part[] {
  const pieces = isSpaceless(token) ? segmentsOf(token, language) : [token];
  return pieces.flatMap((piece, at) =>
    lineChunks(piece).map((text, chunk) => ({ text, isJoined: at + chunk > 0, isTight: chunk > 0 })),
  );
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(language: string): Intl.Segmenter {
  let segmenter = segmenters.get(language);
  if (!segmenter) {
    segmenter = new Intl.Segmenter(language, { granularity: "word" });
    segmenters.set(language, segmenter);
  }
  return segmenter;
}

/** Words of a script without spaces. Marks that close stay with the word before them, and marks that open with the word after them. */
function segmentsOf(token: string, language: string): string[] {
  const segments: string[] = [];
  let opens = false;
  for (const { segment, isWordLike } of segmenterOf(language).segment(token)) {
    const isOpening = /^[\p{Ps}\p{Pi}]+$/u.test(segment);
    if (segments.length > 0 && (opens || (!isWordLike && !isOpening))) segments[segments.length - 1] += segment;
    else segments.push(segment);
    opens = isOpening;
  }
  return segments;
}

// Less than a line, because marks at the joint of two pieces may take a column more.
const chunkColumns = lineColumns - 2;
const heapSize = 20;

/** A text in pieces that fit into a line each. */
function lineChunks(text: string): string[] {
  if (columnsOf(text) <= lineColumns) return [text];
  const chunks: string[] = [];
  let chunk = "";
  let columns = 0;
  for (const letter of lettersOf(text).flatMap(heapParts)) {
    const more = columnsOf(letter);
    if (columns + more > chunkColumns) {
      chunks.push(chunk);
      [chunk, columns] = ["", 0];
    }
    chunk += letter;
    columns += more;
  }
  return [...chunks, chunk];
}

/** A letter under a heap of marks that is wider than a line, in parts. */
function heapParts(letter: string): string[] {
  if (letter.length < heapSize || columnsOf(letter) < heapSize) return [letter];
  const characters = Array.from(letter);
  const count = Math.ceil(characters.length / heapSize);
  return Array.from({ length: count }, (_, at) => characters.slice(at * heapSize, (at + 1) * heapSize).join(""));
}

/** Shares the time of a text out among its parts, by their lengths. */
function withTimes(parts: readonly Part[], start: number, end: number): Piece[] {
  const total = parts.reduce((sum, { text }) => sum + text.length, 0);
  let done = 0;
  return parts.map((part) => {
    const from = start + ((end - start) * done) / total;
    done += part.text.length;
    return { ...part, start: from, end: start + ((end - start) * done) / total };
  });
}
